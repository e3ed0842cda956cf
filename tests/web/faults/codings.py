"""Compressed bodies: bombs, cut streams, codings that are none."""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import brotli

from archive.content_coding import zstd
from tests.web.faults.book import Fault, fault
from tests.web.faults.wires import half
from tests.web.messages import Reply

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, compresslevel=6, mtime=0),
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd.compress,
}


@fault("bomb")
def _bomb(reply: Reply, settings: Fault) -> Reply:
    """A small body that unpacks to `size` bytes, by the codings that `encoding` names (`gzip, br`: br is outermost)."""
    return _encoded(reply, packed_zeros(settings.size, settings.encoding), settings.encoding)


@fault("named_layers")
def _named_layers(reply: Reply, settings: Fault) -> Reply:
    """A Content-Encoding that names `encoding` `size` times over a body that has it once."""
    once = _packed(reply.body, settings.encoding)
    return _encoded(reply, once, ", ".join([settings.encoding] * settings.size))


@fault("cut_stream")
def _cut_stream(reply: Reply, settings: Fault) -> Reply:
    """A compressed stream that ends in its middle, with a length that agrees."""
    packed = _packed(reply.body, settings.encoding)
    return _encoded(reply, packed[: half(packed, settings)], settings.encoding)


@fault("broken_stream")
def _broken_stream(reply: Reply, settings: Fault) -> Reply:
    """A compressed stream with wrong bytes in its middle."""
    packed = bytearray(_packed(reply.body, settings.encoding))
    middle = len(packed) // 2
    packed[middle : middle + 8] = bytes(byte ^ 0xFF for byte in packed[middle : middle + 8])
    return _encoded(reply, bytes(packed), settings.encoding)


@fault("only_said")
def _only_said(reply: Reply, settings: Fault) -> Reply:
    """A body that is not compressed under a header that says it is."""
    return _encoded(reply, reply.body, settings.encoding)


@cache
def packed_zeros(size: int, codings: str) -> bytes:
    """`size` zero bytes, compressed. Takes seconds the first time: who wants to measure packs before."""
    return _packed(bytes(size), codings)


def _packed(data: bytes, codings: str) -> bytes:
    for coding in codings.split(", "):
        data = ENCODERS[coding](data)
    return data


def _encoded(reply: Reply, body: bytes, codings: str) -> Reply:
    return replace(reply.with_header("Content-Encoding", codings), body=body)
