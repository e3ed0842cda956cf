"""Ways for the offline web to misbehave. A fault is data; what it does is one function in `FAULTS`.

A new fault is a new function with `@fault("name")`: it is given the good reply and the fault's settings and returns
either another `Reply` (wrong content, properly framed) or a `Wire` (wrong bytes, wrong pace, wrong end). Content is in
`replies` and `sources`, compression in `codings`, malformed HTTP in `malformed`, pace and end in `wires`.
"""

from tests.web.faults import codings, malformed, replies, sources, wires
from tests.web.faults.book import FAULTS, HANDSHAKES, Fault, FaultBook

__all__ = ["FAULTS", "HANDSHAKES", "Fault", "FaultBook", "codings", "malformed", "replies", "sources", "wires"]
