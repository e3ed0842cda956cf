"""The offline web: the founding publishers' sites, served on loopback under their real host names.

`python -m tests.web` serves it to a crawler that is pointed at it by two environment variables; `OfflineWeb` does the
same for a test. A page is one small file below `pages/` and carries its own gold (`tests.web.pages`); a template below
`templates/` wraps it in the chrome of one publisher's design; `sites.toml` says which host has which feeds, sitemaps
and sections; a `Fault` makes chosen URLs misbehave (`tests.web.faults`). All events, towns and people are invented.
"""

from tests.web.faults import Fault
from tests.web.offline import OfflineWeb
from tests.web.pages import WebPage, load
from tests.web.server import WebExchange

__all__ = ["Fault", "OfflineWeb", "WebExchange", "WebPage", "load"]
