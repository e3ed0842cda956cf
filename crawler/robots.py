"""What a robots.txt says, by RFC 9309: parsed, matched, and what an answer without one means. No network, no clock.

An own reader, because the field's libraries are not the standard's: protego 0.7 takes a group for `Date` as meant for
`Dateline`, does not know `Dateline/2.0` for us, and lets an unknown line between two user agents part their group. This
one is linear in the file, and in the URL for each rule, whatever the patterns.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from string import ascii_letters, digits
from urllib.parse import quote, urlsplit

MAX_SIZE = 512 * 1024  # bytes that are read; section 2.5 asks for at least 500 KiB

_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")  # RFC 3986 section 2.3
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_TOKEN = re.compile(r"[A-Za-z_-]+")  # section 2.2.1
_LINE_END = re.compile(r"\r\n|\r|\n")
# 10 · 0.5 · 1,5 · 10s
_SECONDS = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?)\s*(?:s|sec|seconds)?", re.IGNORECASE)
# 1/10 · 1/10s · 30/1m 0900-1700, from the extended standard of 1996; the hours do not matter
_RATE = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})\s*([smhd]?)(?:\s.*)?", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
# A line is `key: value`; some write `key value`. The misspellings are those that large crawlers put up with.
_KEYS = {
    "user-agent": "agent", "useragent": "agent", "user agent": "agent",
    "allow": "allow",
    "disallow": "disallow", "dissallow": "disallow", "dissalow": "disallow", "disalow": "disallow",
    "diasllow": "disallow", "disallaw": "disallow",
    "crawl-delay": "delay", "crawldelay": "delay", "crawl delay": "delay",
    "request-rate": "rate",
    "sitemap": "sitemap", "site-map": "sitemap",
}  # fmt: skip
# "Disallow /private", which names its key without a colon
_SPACED = re.compile(rf"({'|'.join(sorted(_KEYS, key=len, reverse=True))})\s+(\S.*)", re.IGNORECASE)


@dataclass(kw_only=True, slots=True)
class _Group:
    """The rules for one set of user agents. `plain` maps a path's beginning to whether it is allowed."""

    plain: dict[str, bool] = field(default_factory=dict)
    patterns: dict[str, bool] = field(default_factory=dict)  # with `*` or `$`
    delay: float | None = None

    def add_rule(self, pattern: str, *, allowed: bool) -> None:
        rules = self.patterns if "*" in pattern or pattern.endswith("$") else self.plain
        rules[pattern] = allowed or rules.get(pattern, False)  # section 2.2.2: of two that are equal, allow

    def add_delay(self, seconds: float | None) -> None:
        if seconds is not None:
            self.delay = max(seconds, self.delay or 0.0)

    def merge(self, other: "_Group") -> None:
        """Section 2.2.1: the rules of several groups for one agent are those of one."""
        for pattern, allowed in (*other.plain.items(), *other.patterns.items()):
            self.add_rule(pattern, allowed=allowed)
        self.add_delay(other.delay)


@dataclass(frozen=True, kw_only=True, slots=True)
class Robots:
    """What a robots.txt says to one crawler.

    `delay`: seconds from one request to the next (Crawl-delay, or Request-rate where that is longer); RFC 9309 knows
    neither, and many sites state them. `sitemaps` are as written.
    """

    delay: float | None = None
    sitemaps: tuple[str, ...] = ()
    _plain: dict[str, bool] = field(default_factory=dict)
    _patterns: tuple[tuple[str, bool], ...] = ()  # the longest first
    _lengths: tuple[int, ...] = ()  # of the plain ones, the longest first

    def allows(self, url: str) -> bool:
        """Whether `url`, of this site, may be fetched: the longest rule that fits decides (section 2.2.2)."""
        path = _path(url)
        if path == "/robots.txt":
            return True
        plain = next((path[:length] for length in self._lengths if path[:length] in self._plain), "")
        for pattern, allowed in self._patterns:
            if len(pattern) < len(plain):
                break
            if _fits(pattern, path):
                return allowed or (len(pattern) == len(plain) and self._plain[plain])
        return self._plain.get(plain, True)


def parse(body: bytes, agent: str) -> Robots:
    """What the file `body` says to the crawler whose product token is `agent`. Any bytes can be parsed."""
    ours, anybody, named = _Group(), _Group(), False
    sitemaps: list[str] = []
    for agents, group in _groups(_lines(body), sitemaps):
        if agent.casefold() in agents:
            named = True
            ours.merge(group)
        if "*" in agents:
            anybody.merge(group)
    group = ours if named else anybody
    return Robots(
        delay=group.delay,
        sitemaps=tuple(sitemaps),
        _plain=group.plain,
        _patterns=tuple(sorted(group.patterns.items(), key=lambda rule: (-len(rule[0]), not rule[1]))),
        _lengths=tuple(sorted({len(pattern) for pattern in group.plain}, reverse=True)),
    )


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    """Key and value of each line that has a known key; comments, unknown lines and what is beyond the limit go."""
    if len(body) > MAX_SIZE:
        body = body[:MAX_SIZE]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]  # "Disallow: /a" may have been "/archive/drafts"
    utf_16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = body.decode("utf-16" if utf_16 else "utf-8-sig", "replace").replace("\x00", "")
    for line in _LINE_END.split(text):
        said = line.partition("#")[0].strip()
        name, colon, value = said.partition(":")
        key = _KEYS.get(name.strip().lower()) if colon else None
        if key is None and (spaced := _SPACED.fullmatch(said)):
            key, value = _KEYS[spaced[1].lower()], spaced[2]
        if key is not None:
            yield key, value.strip()


def _groups(lines: Iterable[tuple[str, str]], sitemaps: list[str]) -> Iterator[tuple[set[str], _Group]]:
    """Each group with the agents that it names, casefolded; `sitemaps` gets what stands outside of groups."""
    agents: set[str] = set()
    group = _Group()
    has_rules = False
    for key, value in lines:
        match key:
            case "agent":
                if has_rules:
                    yield agents, group
                    agents, group, has_rules = set(), _Group(), False
                agents |= _agent(value)
            case "sitemap":
                sitemaps.append(value)
            case "delay":  # section 2.2.4: what is no rule does not end the list of agents
                group.add_delay(_seconds(value))
            case "rate":
                group.add_delay(_rate(value))
            case _:
                has_rules = True
                if value:  # "Disallow:" forbids nothing
                    group.add_rule(_pattern(value), allowed=key == "allow")
    yield agents, group


def _agent(value: str) -> set[str]:
    """`Dateline/2.0 (+https://…)` → dateline; `*` is everybody; what is no product token is nobody."""
    if value == "*" or value.startswith("* "):
        return {"*"}
    token = _TOKEN.match(value)
    return {token[0].casefold()} if token else set()


def _seconds(value: str) -> float | None:
    number = _SECONDS.fullmatch(value)
    return float(number[1].replace(",", ".")) if number else None


def _rate(value: str) -> float | None:
    """`30/1m` is a request every two seconds."""
    rate = _RATE.fullmatch(value)
    if rate is None or int(rate[1]) == 0:
        return None
    return int(rate[2]) * _UNITS[rate[3].lower()] / int(rate[1])


def _normal(text: str) -> str:
    """Section 2.2.2: octets beyond ASCII encoded, encoded unreserved ones not, in one spelling."""

    def same(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ENCODED.sub(same, quote(text, safe="!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"))


def _pattern(value: str) -> str:
    """A rule as it is matched. A `$` that is not at the end stands for itself, and `**` for `*`."""
    pattern = _normal(value if value.startswith(("/", "*", "$")) else f"/{value}")
    body, anchor = (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
    return re.sub(r"\*{2,}", "*", body.replace("$", "%24")) + anchor


def _path(url: str) -> str:
    """Path and query of a URL as they are matched; the signs that patterns give a meaning are encoded there."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query or "?" in url.partition("#")[0] else "")
    return _normal(path).replace("*", "%2A").replace("$", "%24")


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern with `*` fits the beginning of a path, or with `$` all of it; each part is found once."""
    anchored = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return not anchored or path == first
    place = len(first)
    last = rest.pop() if anchored else ""
    for part in rest:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(path) - place >= len(last) and path.endswith(last)
