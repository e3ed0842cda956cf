"""What a reader types, as a question to the index. Any string is a valid query; what cannot be meant is read as words.

aleppo manbij              both words              "cease fire"      the phrase
aleppo OR manbij           either                  shell*            words that begin so
aleppo NOT manbij, -manbij without                 aleppo NEAR/5 airport   within five words, either order
(aleppo OR idlib) airstrike                        headline:aleppo   in the headline (or text:)
publisher:rt since:2016-02 until:2016-02-14 language:ar wire:afp    filters
actor:"Islamic State"      in whose text the actor was recognised, under any name
=aleppo                    this spelling alone, no other names of the place
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice, product

from archive.search.aliases import Aliases, Name
from archive.search.folding import wanted, with_clitics

FILTERS = ("publisher", "language", "wire", "section", "actor", "since", "until")
_COLUMNS = {"headline": "headline", "title": "headline", "text": "text"}
_SHORT = {"lang": "language", "after": "since", "before": "until"}
_MAX_LENGTH = 2000  # characters that are read
_MAX_TERMS = 64
_MAX_DEPTH = 20  # of brackets
_MAX_NEAR = 64  # pairs of names that NEAR is asked for
_NEAR = 10  # words between, as FTS5 has it
_MIN_BEGINNING = 2  # letters before a star where nobody says how common they are: with one, FTS5 takes seconds

_LEXEME = re.compile(
    r'(?P<bracket>[()])|(?P<field>[A-Za-z]+):(?="|[^\s():"])|(?P<minus>-)(?=[^\s-])|(?P<exact>=)(?=[^\s=])'
    r'|"(?P<phrase>[^"]*)"?(?P<star>\*?)|(?P<word>[^\s()"]+)'
)
_OPERATOR = re.compile(r"AND|OR|NOT|NEAR(?:/(\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that follow each other. `forms`: other ways of saying the same, as tokens; `name` says of whom."""

    terms: tuple[str, ...]
    is_prefix: bool = False
    column: str | None = None
    forms: tuple[tuple[str, ...], ...] = ()
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts joined by `and`, `or` or `near`; `distance` is for `near`."""

    joint: str
    parts: tuple["Node", ...]
    distance: int = _NEAR


@dataclass(frozen=True, slots=True)
class Not:
    """What must not occur."""

    part: "Node"


Node = Term | Group | Not


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A question, ready to be asked.

    match: an FTS5 expression, None where the reader gave filters only, or only what must not occur
    exclude: an FTS5 expression of what must not occur, where nothing else was asked for
    filters: publisher, language, wire, section, actor, since, until as typed
    names: the names that were widened to all their forms, to be shown to the reader
    beginnings: those of too many words, each with the commonest of these, which alone are looked for; to be shown
    terms: the tokens to be marked in what is found, each a sequence; those with True are beginnings of words
    """

    match: str | None = None
    exclude: str | None = None
    filters: dict[str, str] = field(default_factory=dict)
    names: tuple[Name, ...] = ()
    beginnings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    terms: tuple[tuple[tuple[str, ...], bool], ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """Whether there is neither a word nor a filter in it."""
        return self.match is None and self.exclude is None and not self.filters


def parse(
    text: str,
    aliases: Aliases | None = None,
    *,
    has_word: Callable[[str], bool] | None = None,
    commonest: Callable[[str], tuple[str, ...]] | None = None,
) -> Query:
    """Read what was typed. `aliases` widen names to all their forms; without them only what was typed is found.

    `has_word` says whether a folded word is in the index: forms that nobody has written are not looked for.
    `commonest` gives the words that are looked for in place of a beginning of too many, or none.
    """
    text = text[:_MAX_LENGTH].encode("utf-8", "replace").decode("utf-8")  # a lone surrogate has no UTF-8 form
    reader = _Reader(text, aliases, has_word or (lambda _: True), commonest)
    node = reader.read()
    wanted, unwanted = _sides(node) if node is not None else (None, None)
    found = list(_terms(wanted)) if wanted is not None else []
    return Query(
        match=_expression(wanted, unwanted) if wanted is not None else None,
        exclude=_fts(unwanted) if wanted is None and unwanted is not None else None,
        filters=reader.filters,
        names=tuple(dict.fromkeys(term.name for term in found if term.name is not None)),
        beginnings=tuple(reader.beginnings.items()),
        terms=tuple(dict.fromkeys((terms, term.is_prefix) for term in found for terms in (term.terms, *term.forms))),
    )


def first_day(text: str) -> date:
    """`2016`, `2016-02` or `2016-02-14` → its first day. Raises ValueError."""
    year, month, day = (*(int(part) for part in text.split("-", 2)), 1, 1)[:3]
    return date(year, month, day)


def last_day(text: str) -> date:
    """`2016`, `2016-02` or `2016-02-14` → its last day. Raises ValueError."""
    begin, parts = first_day(text), text.count("-")
    if parts >= 2:
        return begin
    following = date(begin.year + 1, 1, 1) if parts == 0 or begin.month == 12 else date(begin.year, begin.month + 1, 1)
    return following - timedelta(days=1)


def _is_usable(name: str, value: str) -> bool:
    """Whether a filter's value is one; `since:yesterday` is read as words."""
    try:
        return name not in {"since", "until"} or bool(last_day(value))
    except (ValueError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # word | phrase | open | close | and | or | not | near
    text: str = ""
    column: str | None = None
    is_prefix: bool = False
    is_exact: bool = False
    distance: int = _NEAR


class _Reader:
    """A recursive descent that never fails: an operator without its parts is passed over."""

    def __init__(
        self,
        text: str,
        aliases: Aliases | None,
        has_word: Callable[[str], bool],
        commonest: Callable[[str], tuple[str, ...]] | None,
    ) -> None:
        self.filters: dict[str, str] = {}
        self.beginnings: dict[str, tuple[str, ...]] = {}
        self._commonest = commonest
        self._aliases = aliases
        self._has_word = has_word
        self._lexemes = list(islice(self._lex(text.replace("\0", " ")), _MAX_TERMS * 4))
        self._place = 0
        self._terms = 0

    def read(self) -> Node | None:
        parts = []
        while self._place < len(self._lexemes):
            if (part := self._either(0)) is not None:
                parts.append(part)
            if self._next("close") is None and self._place < len(self._lexemes):
                self._place += 1
        return _group("and", parts)

    def _lex(self, text: str) -> Iterator[_Lexeme]:
        column: str | None = None
        filtering: str | None = None
        is_exact = False
        for match in _LEXEME.finditer(text):
            if match["field"] is not None:
                name = _SHORT.get(match["field"].lower(), match["field"].lower())
                column, filtering = _COLUMNS.get(name), name if name in FILTERS else None
                if column is None and filtering is None:
                    yield _Lexeme("word", match["field"], is_exact=is_exact)
                continue
            if match["exact"]:
                is_exact = True
                continue
            value = match["phrase"] or match["word"]
            if filtering is not None and value and _is_usable(filtering, value):
                self.filters[filtering] = value
            else:
                yield from _lexeme(match, column, is_exact)
            column, filtering, is_exact = None, None, False

    def _next(self, *kinds: str) -> _Lexeme | None:
        if self._place < len(self._lexemes) and self._lexemes[self._place].kind in kinds:
            self._place += 1
            return self._lexemes[self._place - 1]
        return None

    def _either(self, depth: int) -> Node | None:
        parts = [self._all(depth)]
        while self._next("or"):
            parts.append(self._all(depth))
        return _group("or", parts)

    def _all(self, depth: int) -> Node | None:
        parts: list[Node | None] = []
        while self._place < len(self._lexemes) and self._lexemes[self._place].kind not in {"or", "close"}:
            near = self._next("near")
            if near is not None and parts and (part := self._one(depth)) is not None:
                parts[-1] = _near(parts[-1], part, near.distance)
            elif near is None and self._next("and") is None:
                parts.append(self._one(depth))
        return _group("and", parts)

    def _one(self, depth: int) -> Node | None:
        if self._next("not"):
            part = self._one(depth)
            return Not(part) if part is not None else None
        if self._next("open"):
            if depth >= _MAX_DEPTH:
                return None
            inner = self._either(depth + 1)
            self._next("close")
            return inner
        return self._words()

    def _words(self) -> Node | None:
        """A phrase, a word, or several words that are one name."""
        begin = self._place
        lexeme = self._next("word", "phrase")
        if lexeme is None:
            self._place += begin < len(self._lexemes)
            return None
        if self._aliases is not None and not lexeme.is_prefix and not lexeme.is_exact:
            for end in range(min(begin + self._aliases.longest, len(self._lexemes)), begin, -1):
                run = self._lexemes[begin:end]
                if len(run) > 1 and any(part.kind != "word" or _differs(part, lexeme) for part in run):
                    continue
                name = self._aliases.find(" ".join(part.text for part in run))
                if name is not None:
                    self._place = end
                    return self._count(self._named(" ".join(part.text for part in run), name, lexeme.column))
        term = _query_term(lexeme, 1 if self._commonest else _MIN_BEGINNING)
        return self._count(self._bounded(term) if term is not None and term.is_prefix else term)

    def _bounded(self, term: Term) -> Term:
        """A beginning of too many words as the commonest of these."""
        *before, beginning = term.terms
        words = self._commonest(beginning) if self._commonest else ()
        if not words:
            return term
        self.beginnings[beginning] = words
        first, *others = ((*before, word) for word in words)
        return Term(first, False, term.column, tuple(others))

    def _named(self, text: str, name: Name, column: str | None) -> Term:
        """What was typed comes first, unless it is a form that only capitals tell from a word."""
        own, _ = wanted(text)
        forms = [form for form in name.folded if form != own]
        first = own if own in name.folded else forms.pop(0)
        others = [form for form in _with_clitics(first, *forms) if form != first and all(map(self._has_word, form))]
        return Term(first, False, column, tuple(others), name)

    def _count(self, term: Term | None) -> Term | None:
        self._terms += term is not None
        return term if self._terms <= _MAX_TERMS else None


def _lexeme(match: re.Match[str], column: str | None, is_exact: bool) -> Iterator[_Lexeme]:
    if match["bracket"]:
        yield _Lexeme("open" if match["bracket"] == "(" else "close")
    elif match["minus"]:
        yield _Lexeme("not")
    elif match["phrase"] is not None:
        yield _Lexeme("phrase", match["phrase"], column, bool(match["star"]), is_exact)
    elif (operator := _OPERATOR.fullmatch(match["word"])) and column is None and not is_exact:
        kind = match["word"].partition("/")[0].lower()
        yield _Lexeme(kind, distance=int(operator[1] or _NEAR))
    else:
        word = match["word"]
        yield _Lexeme("word", word.rstrip("*"), column, len(word) > 1 and word.endswith("*"), is_exact)


def _differs(part: _Lexeme, first: _Lexeme) -> bool:
    return part.is_prefix or part.is_exact or part.column != (first.column if part is first else None)


def _query_term(lexeme: _Lexeme, min_beginning: int) -> Term | None:
    """A word or phrase that is no name."""
    terms, is_prefix = wanted(lexeme.text)
    if not terms:
        return None
    if lexeme.is_prefix and len(terms[-1]) >= min_beginning:
        is_prefix = True
    forms = () if lexeme.is_exact or lexeme.is_prefix else tuple(_with_clitics(terms))[1:]
    return Term(terms, is_prefix, lexeme.column, forms)


def _with_clitics(*forms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for form in forms:
        yield form
        for first in with_clitics(form[0]):
            yield (first, *form[1:])


def _group(joint: str, parts: Sequence[Node | None]) -> Node | None:
    there = [part for part in parts if part is not None]
    if len(there) <= 1:
        return there[0] if there else None
    return Group(joint, tuple(there))


def _near(left: Node | None, right: Node, distance: int) -> Node | None:
    """NEAR joins words and phrases; between anything else it is AND."""
    before = left.parts if isinstance(left, Group) and left.joint == "near" else (left,)
    if all(isinstance(part, Term) for part in (*before, right)):
        return Group("near", (*before, right), distance)
    return _group("and", [left, right])


def _sides(node: Node) -> tuple[Node | None, Node | None]:
    """What must and what must not occur. A NOT as one of several choices says nothing and is left out."""
    if isinstance(node, Not):
        inner, negated = _sides(node.part)
        return (None, inner) if inner is not None else (negated, None)
    if isinstance(node, Term) or node.joint == "near":
        return node, None
    sides = [_sides(part) for part in node.parts]
    if node.joint == "or":
        whole = [_whole(wanted, unwanted) for wanted, unwanted in sides if wanted is not None]
        if whole:
            return _group("or", whole), None
        return None, _group("and", [unwanted for _, unwanted in sides])
    return _group("and", [wanted for wanted, _ in sides]), _group("or", [unwanted for _, unwanted in sides])


def _whole(wanted: Node, unwanted: Node | None) -> Node:
    return wanted if unwanted is None else Group("and", (wanted, Not(unwanted)))


def _expression(wanted: Node, unwanted: Node | None) -> str:
    return _fts(_whole(wanted, unwanted))


def _fts(node: Node) -> str:
    if isinstance(node, Term):
        scope = f"{node.column} : " if node.column else ""
        return scope + _any([_phrase(terms, node.is_prefix) for terms in (node.terms, *node.forms)])
    if isinstance(node, Not):  # alone it cannot be; `_whole` puts it behind something
        return _fts(node.part)
    if node.joint == "near":
        return _fts_near(node)
    wanted = [part for part in node.parts if not isinstance(part, Not)]
    unwanted = [part.part for part in node.parts if isinstance(part, Not)]
    joined = "(" + f" {node.joint.upper()} ".join(map(_fts, wanted)) + ")"
    return joined if not unwanted else f"({joined} NOT {_any([_fts(part) for part in unwanted])})"


def _fts_near(node: Group) -> str:
    parts = [part for part in node.parts if isinstance(part, Term)]
    choices = ([_phrase(terms, part.is_prefix) for terms in (part.terms, *part.forms)] for part in parts)
    return _any([f"NEAR({' '.join(choice)}, {node.distance})" for choice in islice(product(*choices), _MAX_NEAR)])


def _any(expressions: Sequence[str]) -> str:
    return expressions[0] if len(expressions) == 1 else "(" + " OR ".join(expressions) + ")"


def _phrase(terms: Sequence[str], is_prefix: bool) -> str:
    """Quoted, so that no token can be taken for an operator; tokens hold no quotes."""
    return '"' + " ".join(terms) + '"' + ("*" if is_prefix else "")


def _terms(node: Node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Group):
        for part in node.parts:
            yield from _terms(part)
