"""The draft of a publisher file, and the review that a person has to make of it, from a survey of the site."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.errors import ArchiveNotWritable
from crawler.errors import UsageError
from crawler.extract import extract
from crawler.layout_guess import LEAST_PAGES, Sample, guess_layout
from crawler.publisher import Layout, NewsSitemap
from crawler.survey import Survey, provisional

WIDTH = 120  # columns of a line of the draft
EXCERPT = 60  # characters of a page's text that the review quotes: enough to find the place, no copy of the article


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """The files of a new publisher: path below the project → bytes."""

    files: dict[str, bytes]
    layout: Layout | None

    def write(self, root: Path) -> None:
        """Write them all. Raises UsageError when one is there already (none is written), ArchiveNotWritable."""
        taken = [path for path in self.files if (root / path).exists()]
        if taken:
            raise UsageError(f"{', '.join(taken)} is there already: choose another NAME, or remove it first")
        for path, content in self.files.items():
            try:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                with (root / path).open("xb") as stream:
                    stream.write(content)
            except OSError as error:
                raise ArchiveNotWritable(f"cannot write {root / path}: {error.strerror}") from error


def draft(name: str, found: Survey) -> Draft:
    """The files for spiders/NAME.py: the publisher, the review of its sample pages, and the pages themselves."""
    layout = guess_layout(found.samples, found.home, provisional(found.domain, found.home.url), name="first")
    files = {
        f"spiders/{name}.py": _spider(name, found, layout).encode(),
        f"tests/spiders/reviews/{name}.toml": _review(name, _read_again(found, layout)).encode(),
    }
    for number, sample in enumerate(found.samples, 1):
        files[saved_page(name, number)] = gzip.compress(sample.page.body, mtime=0)
    return Draft(files=files, layout=layout)


def _read_again(found: Survey, layout: Layout | None) -> list[Sample]:
    """The samples as the drafted file reads them: what a person corrects in the review, the file must mend."""
    publisher = replace(
        provisional(found.domain, found.home.url),
        name=found.name.value,
        languages=found.languages,
        timezone=found.timezone.value or "UTC",
        layouts=(layout,) if layout is not None else (),
    )
    pages = [sample.page for sample in found.samples]
    return [
        Sample(page=page, article=extract(page.body, page.url, content_type=page.content_type, publisher=publisher))
        for page in pages
    ]


def saved_page(name: str, number: int) -> str:
    """Where a sample page lies in the clone of the person who drafted: git ignores the folder."""
    return f"tests/spiders/saved/{name}-{number}.html.gz"


def counted(entries: int) -> str:
    """ "1 entry", "13 entries"."""
    return "1 entry" if entries == 1 else f"{entries} entries"


# --- the publisher file -----------------------------------------------------------------------------------------------


def _spider(name: str, found: Survey, layout: Layout | None) -> str:
    title = "".join(part.capitalize() for part in name.split("_"))
    kinds = sorted({type(source.source).__name__ for source in found.sources} | {"Publisher"})
    imports = ", ".join(sorted([*kinds, "Layout"] if layout is not None else kinds))
    lines = [
        f'"""{_plain(found.name.value)}. A draft: review it, then take this sentence out."""',
        "",
        f"from crawler.publisher import {imports}",
        "from crawler.spider import PublisherSpider",
        "",
        "",
        f"class {title}Spider(PublisherSpider):",
        f'    """{found.domain}."""',
        "",
        f"    name = {_quoted(name)}",
        "    publisher = Publisher(",
        *(f"        {line}" for line in _publisher(found, layout)),
        "    )",
    ]
    return "\n".join(lines) + "\n"


def _publisher(found: Survey, layout: Layout | None) -> Iterator[str]:
    unknown = "nothing on the site says; fill it in"
    yield f"name={_quoted(found.name.value)},  # from {found.name.evidence}"
    yield f"homepage={_quoted(found.home.url)},"
    yield f"country={_quoted(found.country.value)},  # ISO 3166-1; {_source(found.country.evidence, unknown)}"
    yield f"languages={_tuple(found.languages)},"
    yield (
        f"timezone={_quoted(found.timezone.value or 'UTC')},  # of times printed without a zone; "
        f"{_source(found.timezone.evidence, unknown)}"
    )
    yield f"domains={_tuple([found.domain])},"
    yield "sources=("
    for source in found.sources:
        kind = "NewsSitemap" if isinstance(source.source, NewsSitemap) else "Feed"
        yield f"    {kind}({_quoted(source.source.url)}),  # {counted(source.entries)}"
    yield "),"
    yield from _article_url(found)
    yield from _layouts(found, layout)


def _article_url(found: Survey) -> Iterator[str]:
    if found.pattern is None:
        yield "# The announced addresses have no shape in common: every page of the site counts as an article."
        yield f"article_url={_raw(re.escape(found.domain) + '/.')},"
        return
    yield f"# fits {found.pattern.covered} of the {found.pattern.total} addresses announced, as"
    for example in found.pattern.examples:
        yield f"# {_plain(example)[: WIDTH - 10]}"
    yield f"article_url={_raw(found.pattern.regex)},"


def _layouts(found: Survey, layout: Layout | None) -> Iterator[str]:
    for field, rules in _rules(found.samples):
        yield f"# {field}: {rules}"
    if layout is None:
        reason = "too few pages" if len(found.samples) < LEAST_PAGES else "the pages do not agree on a selector"
        yield f"# No layout: {reason}. The generic path reads the pages; `scrapy extract` shows how well."
        return
    yield f"# Each selector finds one node on each of {len(found.samples)} pages, and the text read with them is as the"
    yield "# generic path has it. What in it is chrome (`strip`) and where times stand (`published`) a person must see."
    yield "layouts=("
    yield "    Layout("
    yield f"        name={_quoted(layout.name)},"
    yield f"        match={_quoted(layout.match)},"
    for field in ("headline", "lede", "body"):
        if values := getattr(layout, field):
            yield f"        {field}={_tuple(values)},"
    yield "    ),"
    yield "),"


def _rules(samples: Sequence[Sample]) -> Iterator[tuple[str, str]]:
    """Which rules of the generic path gave the fields that a layout might have to name."""
    for field in ("headline", "authors", "published_at", "section", "tags"):
        given = Counter(sample.article.provenance.get(field, "nothing").partition(":")[0] for sample in samples)
        if given:
            yield field, ", ".join(f"{rule} on {count} of {len(samples)}" for rule, count in given.most_common())


def _source(evidence: str, unknown: str) -> str:
    return f"from {evidence}" if evidence else unknown


def _plain(text: str) -> str:
    """A foreign text in a comment or docstring: one line, and nothing that ends it."""
    return re.sub(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\\"]', " ", text).strip()


def _quoted(text: str) -> str:
    """A Python string in double quotes; characters of all scripts as they are."""
    return '"' + re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _raw(regex: str) -> str:
    return f'r"{regex}"'


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(map(_quoted, values))}{',' if len(values) == 1 else ''})"


# --- the review -------------------------------------------------------------------------------------------------------


def _review(name: str, samples: Sequence[Sample]) -> str:
    lines = [
        f"# The review of spiders/{name}.py: what the extractor read in pages of the site, for a person to compare",
        "# with the pages. Correct what is wrong here (the test then shows what the publisher file must mend), add",
        "# lines that must not be in the text to `absent`, and set `reviewed = true`. The pages lie in",
        "# tests/spiders/saved/, for you alone: they are their publisher's, and git ignores them.",
    ]
    for number, sample in enumerate(samples, 1):
        article = sample.article
        published = article.published_at.isoformat() if article.published_at else ""
        lines += [
            "",
            "[[page]]",
            "reviewed = false",
            f"url = {_quoted(sample.page.url)}",
            f"saved = {_quoted(saved_page(name, number))}",
            f"content_type = {_quoted(sample.page.content_type or '')}",
            f"headline = {_quoted(article.headline or '')}",
            f"published_at = {_quoted(published)}",
            f"authors = [{', '.join(map(_quoted, article.authors))}]",
            f"language = {_quoted(article.language or '')}",
            f"paragraphs = {len(article.paragraphs)}",
            f"begins = {_quoted(article.paragraphs[0][:EXCERPT] if article.paragraphs else '')}",
            f"ends = {_quoted(article.paragraphs[-1][-EXCERPT:] if article.paragraphs else '')}",
            "absent = []",
        ]
    return "\n".join(lines) + "\n"
