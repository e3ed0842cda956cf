"""Where the crawler may connect to: the public Internet, and nothing else.

A page, feed or redirect may name any host; without this, `http://127.1/`, a name that resolves to 10.0.0.7, or a public
name that resolves to a private address a second later (DNS rebinding) would reach services of this machine and network.
`SafeResolver` refuses such addresses when a name is resolved; the download handler asks `refusal` again for the address
that it is really connected to, before it sends a byte.

The only exception is the offline web (`OfflineWeb`), which sends every host to two ports of the loopback interface.
"""

import ipaddress
import os
from dataclasses import dataclass
from typing import Any, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.errors import UsageError

ALLOWED_PORTS = frozenset({80, 443})  # the web's; others are databases, mail, admin consoles

# Prefixes that carry an IPv4 address inside an IPv6 one: the inner address decides.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: never global
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, deprecated


def refusal(address: str) -> str | None:
    """Why `address` (an IP address in text form) must not be connected to, or None if it may."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address!r} is not an IP address"
    inner = _carried(parsed)
    if inner is not None and (problem := refusal(str(inner))):
        return f"{address} carries {problem}"
    if parsed.is_multicast:
        return f"{address}, a multicast address"
    if inner is None and not parsed.is_global:
        return f"{address}, not an address of the public Internet"
    if parsed in _NAT64_LOCAL:
        return f"{address}, a local translation prefix"
    return None


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, NAT64, IPv4-compatible, Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or (address in _V4_COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.teredo[1] if address.teredo is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfflineWeb:
    """A web on the loopback interface that stands in for every host."""

    address: str
    http: int
    https: int

    @classmethod
    def parse(cls, value: str) -> Self:
        """From `127.0.0.1:8080:8443`: address, port for http, port for https. Only loopback addresses are taken."""
        try:
            address, http, https = value.rsplit(":", 2)
            loopback = ipaddress.ip_address(address).is_loopback
            offline = cls(address=address, http=int(http), https=int(https))
        except ValueError:
            raise UsageError(
                f"DATELINE_OFFLINE_WEB={value!r} is not understood: give address, http port and https port, "
                "as in 127.0.0.1:8080:8443"
            ) from None
        if not loopback:
            raise UsageError(f"DATELINE_OFFLINE_WEB={value!r}: the offline web must be on a loopback address")
        return offline

    def port(self, scheme: str) -> int:
        """The port that stands in for `scheme`."""
        return self.https if scheme == "https" else self.http


class SafeResolver(CachingThreadedResolver):
    """Scrapy's resolver, minus every address that is not public. IPv4, as Scrapy's.

    Twisted asks it for IP literals too, so all spellings (`2130706433`, `0x7f000001`, `127.1`) end here.
    `refused` remembers why a name was refused: Twisted reports no more than "no results for hostname lookup".
    """

    refused: dict[str, str] = {}  # noqa: RUF012 - one resolver a process, asked by the download handlers

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        """As Scrapy's. A thread that waits for a dead name server holds up the end of the process: ask it less long."""
        super().__init__(reactor, cache_size, timeout)
        os.environ.setdefault("RES_OPTIONS", "timeout:2 attempts:2")  # seconds; resolv.conf(5) has 5 and 2

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve `name`, or fail if the address is not public."""
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        problem = refusal(address)
        if problem is None:
            return address
        self.refused[name] = problem
        raise DNSLookupError(f"{name} resolves to {problem}")
