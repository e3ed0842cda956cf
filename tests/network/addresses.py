"""Two hundred ways to write a private address, and names that lead to one."""

import ipaddress
from collections.abc import Iterator

PUBLIC = "93.184.216.34"  # stands for the Internet: inside the namespace of the test it is served by the test
PRIVATE = ("127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "0.0.0.0")
# Names and what the test's name service says of them, one answer after the other; the last one is repeated.
NAMES = {
    "www.dns.example": (PUBLIC,),
    "localhost": ("127.0.0.1",),
    "localtest.dns.example": ("127.0.0.1",),
    "10.0.0.7.nip.dns.example": ("10.0.0.7",),
    "0a000007.nip.dns.example": ("10.0.0.7",),
    "metadata.dns.example": ("169.254.169.254",),
    "rebinding.dns.example": (PUBLIC, "10.0.0.7"),
    "flapping.dns.example": (PUBLIC, "127.0.0.1", PUBLIC, "192.168.1.1"),
}
FAILING = ("nowhere.dns.example", "hanging.dns.example")


def spellings() -> tuple[str, ...]:
    """At least two hundred hosts as they may stand in a URL, every one of a private address."""
    found = dict.fromkeys(host for address in PRIVATE for host in (*_numbers(address), *_inside_ipv6(address)))
    found |= dict.fromkeys(("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[fe80::1]", "[fe80::1%25eth0]",
                            "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "127.0.0.1.", "localhost", "LOCALHOST",
                            "localhost.", "user@127.0.0.1", "8.8.8.8@127.0.0.1", "8.8.8.8%20@127.0.0.1",
                            "127.0.0.1%00.example.org", "127.0.0.1%2eexample.org", "127.0.0.1\\example.org",
                            "127.0.0.1#@example.org", "localhost%00", "127。0。0。1", "127．0．0．1",
                            "１２７.0.0.1", "①②⑦.⓪.⓪.①", "٠١٢٧.0.0.1", "ⓛocalhost", "loc\u00adalhost"))  # fmt: skip
    return tuple(found)


def _numbers(address: str) -> Iterator[str]:
    """inet_aton(3)'s ways: four to one part, each decimal, octal or hexadecimal."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = int(ipaddress.IPv4Address(address))
    yield from (address, f"{address}.", f"{a}.{b}.{c << 8 | d}", f"{a}.{b << 16 | c << 8 | d}", str(whole))
    yield from (hex(whole), f"0X{whole:08X}", f"0{whole:o}", f"0x{whole:016x}"[:18])
    yield ".".join(f"0x{part:x}" for part in (a, b, c, d))
    yield ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield ".".join(f"{part:#06x}" for part in (a, b, c, d))
    yield ".".join(f"{part:08o}" for part in (a, b, c, d))
    yield f"{a:#x}.{b}.0{c:o}.{d}"
    yield f"{a}.{b}.{c:#x}.0{d:o}"
    yield "".join(f"%{ord(character):02x}" for character in address)


def _inside_ipv6(address: str) -> Iterator[str]:
    """IPv4-mapped and -compatible, 6to4, NAT64, Teredo, ISATAP."""
    whole = int(ipaddress.IPv4Address(address))
    high, low = f"{whole >> 16:x}", f"{whole & 0xFFFF:x}"
    yield from (f"[::ffff:{address}]", f"[::FFFF:{high}:{low}]", f"[0:0:0:0:0:ffff:{high}:{low}]", f"[::{address}]")
    yield from (f"[2002:{high}:{low}::]", f"[2002:{high}:{low}::1]", f"[64:ff9b::{address}]")
    yield from (f"[64:ff9b::{high}:{low}]", f"[64:ff9b:1::{high}:{low}]", f"[::ffff:0:{address}]")
    yield f"[2001:0:{high}:{low}::{whole >> 16 ^ 0xFFFF:x}:{whole & 0xFFFF ^ 0xFFFF:x}]"
    yield f"[fe80::5efe:{address}]"
