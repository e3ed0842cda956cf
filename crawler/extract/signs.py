"""The signs of each kind of page beside its words: titles, markup and addresses, from gates.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.extract.evidence import Evidence, compared


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The signs of one kind of page, beside its words."""

    titles: frozenset[str]
    markers: tuple[str, ...]
    proofs: tuple[str, ...]
    boxes: frozenset[str]
    hosts: tuple[str, ...]
    paths: frozenset[str]
    queries: frozenset[str]

    def at(self, seen: Evidence) -> bool:
        """Whether the address is that of such a page."""
        at_host = any(seen.host == host or seen.host.endswith("." + host) for host in self.hosts)
        return at_host or not self.paths.isdisjoint(seen.segments) or not self.queries.isdisjoint(seen.query)

    def titled(self, seen: Evidence) -> bool:
        """Whether a title, or a segment of it, is exactly one that such pages have."""
        return any(compared(title) in self.titles for title in seen.titles)

    def marked(self, seen: Evidence) -> bool:
        """Whether the markup bears a vendor's mark."""
        return any(marker in seen.markup for marker in self.markers)

    def proven(self, seen: Evidence) -> bool:
        """Whether the markup is that of the page which a vendor or a system serves in an article's place."""
        return any(proof in seen.markup for proof in self.proofs) or not self.boxes.isdisjoint(seen.names)


@cache
def gates() -> dict[str, Gate]:
    """The signs of each kind of page, by its name."""
    data = tomllib.loads(files(__package__).joinpath("gates.toml").read_text(encoding="utf-8"))
    return {
        kind: Gate(
            titles=frozenset(map(compared, signs.get("titles", ()))),
            markers=tuple(signs.get("markers", ())),
            proofs=tuple(signs.get("proofs", ())),
            boxes=frozenset(signs.get("boxes", ())),
            hosts=tuple(signs.get("hosts", ())),
            paths=frozenset(signs.get("paths", ())),
            queries=frozenset(signs.get("queries", ())),
        )
        for kind, signs in data.items()
    }
