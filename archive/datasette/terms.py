"""What visitors of the site are offered, and what is kept from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from archive.errors import ArchiveError

# What says more of the operator than of the news: paths and contacts in arguments, where alarms were sent, what a file
# was called on the operator's disk. On a public site these columns read as empty, whoever asks for them.
OPERATORS_OWN = frozenset({("runs", "arguments"), ("alarms", "told"), ("imports", "name"), ("files", "problem")})


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The terms on which a site is served.

    `base_url` is a path (`/news/`), or the whole address at which a proxy shows the site. `proxies` are the addresses
    whose X-Forwarded-For and X-Forwarded-Proto are believed. `replay` is the address of the collection in which
    a replay shows the WARC files (`http://127.0.0.1:8080/dateline/`). Raises ArchiveError where terms contradict each
    other.
    """

    allow_sql: bool = False
    allow_download: bool = False
    allow_robots: bool = False
    public: bool = False
    base_url: str = "/"
    proxies: tuple[str, ...] = ()
    replay: str | None = None

    def __post_init__(self) -> None:
        for name in ("sql", "download"):
            if self.public and getattr(self, f"allow_{name}"):
                raise ArchiveError(
                    f"a public site offers no {name.upper() if name == 'sql' else name}: leave out --public, and serve "
                    f"whom you trust, or leave out --allow-{name}; `archive export` makes files to give away"
                )
        parts = urlsplit(self.base_url)
        if parts.query or parts.fragment or parts.username or (parts.scheme or "https") not in {"http", "https"}:
            raise ArchiveError(f"{self.base_url} is no base URL: give a path, or https://HOST/PATH/")
        if bool(parts.scheme) != bool(parts.netloc):
            raise ArchiveError(f"{self.base_url} is no base URL: give a path, or https://HOST/PATH/")

        replay = urlsplit(self.replay or "http://localhost/")
        if replay.scheme not in {"http", "https"} or not replay.netloc:
            raise ArchiveError(
                f"{self.replay} is no address of a replay: give that of its collection, http://HOST/NAME/"
            )

    @property
    def origin(self) -> str | None:
        """Scheme and host of the site's addresses, where they were given."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None

    @property
    def path(self) -> str:
        """The path below which all pages lie; begins and ends with a slash."""
        inner = urlsplit(self.base_url).path.strip("/")
        return f"/{inner}/" if inner else "/"

    def replay_of(self, capture: Mapping[str, Any]) -> str | None:
        """Where a capture (a row of `captures`) is replayed, by its address and time.

        None where nothing replays, where nobody answered, and for a 304: a replay gives that on as it is, without a
        page (RFC 9110, section 15.4.5). The page is that of the capture before it.
        """
        if not self.replay or capture["status"] in {None, 304}:
            return None
        address = capture["via"] if capture["intermediary"] else capture["url"]
        moment = re.sub(r"\D", "", capture["captured_at"])[:14]  # "2026-03-04T12:00:00.25Z" → "20260304120000"
        return f"{self.replay.rstrip('/')}/{moment}/{address}"

    @property
    def hidden(self) -> frozenset[tuple[str, str]]:
        """Tables and columns that read as empty."""
        return OPERATORS_OWN if self.public else frozenset()

    @property
    def seconds(self) -> float:
        """How long one question that a page asks of the database may take."""
        return 4.0 if self.public else 8.0

    @property
    def answer_seconds(self) -> float:
        """How long an answer may take; a home page that nobody has read lately takes its time."""
        return 10.0 if self.public else 30.0

    def advice(self, host: str) -> str | None:
        """What an operator who listens on `host` may not have meant."""
        is_local = host in {"localhost", "::1"} or host.startswith("127.")
        if not self.public and not is_local:
            return f"whoever reaches {host} reads all of it, runs and their arguments too; for strangers add --public"
        if self.public and not is_local and not self.proxies:
            return "this speaks plain HTTP; put a proxy with TLS before it and name it with --trust-proxy"
        if self.public and is_local and not self.proxies:
            return "only this machine can reach it; where a proxy shows it, name that with --trust-proxy"
        return None
