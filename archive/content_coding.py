"""Undoing HTTP content codings (gzip, deflate, br, zstd) with a cap on the output.

Each decoder is a generator of decoded pieces that returns None at a proper end of stream and otherwise says what is
wrong, so that a body cut inside its compressed stream is told from a short one.
"""

from collections.abc import Callable, Generator, Sequence

import brotli
from zlib_ng import zlib_ng

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
except ImportError:
    from backports import zstd  # type: ignore[no-redef, unused-ignore]

_Pieces = Generator[bytes, None, str | None]

# Input is fed and output taken in pieces of this size, so a bomb costs one piece more than the cap.
_PIECE = 64 * 1024

# A chain of codings is one of the cheapest bombs: gzip × 2000 costs seconds. Real servers use one, rarely two.
MAX_LAYERS = 2

# Bytes of a body that is still compressed once more; what is left of a page after one coding is a hundredth of this.
MAX_INNER = 16 * 1024 * 1024


def decode(data: bytes, codings: Sequence[str], *, limit: int, keep: bool = True) -> tuple[bytes, str | None]:
    """Undo `codings` (in the order in which the sender applied them) and return the bytes and what is wrong with them.

    At most `limit` bytes come out. The problem is None when every stream reached its end; otherwise the bytes are
    what could be read. A body that is not in the coding it claims, because an archive stored it decoded, comes back
    as it is. Without `keep` nothing comes back but the problem.
    """
    wanted = [coding for coding in codings if coding not in {"", "identity", "none", "utf-8"}]
    if len(wanted) > MAX_LAYERS:
        return data, f"{len(wanted)} content codings, at most {MAX_LAYERS} are undone"
    problem = None
    for number, coding in enumerate(reversed(wanted), start=1):
        is_last = number == len(wanted)
        decoder = _DECODERS.get(coding)
        if decoder is None:
            return data, f"unknown content coding {coding[:40]!r}"
        if not data or _already_decoded(data, coding):
            continue
        kept = keep or not is_last
        data, layer_problem = _collect(decoder(data), limit if is_last else min(limit, MAX_INNER), keep=kept)
        problem = problem or (f"{coding}: {layer_problem}" if layer_problem else None)
    return data if keep else b"", problem


def _collect(pieces: _Pieces, limit: int, *, keep: bool) -> tuple[bytes, str | None]:
    out = bytearray()
    size = 0
    while True:
        try:
            piece = next(pieces)
        except StopIteration as end:
            return bytes(out), end.value
        size += len(piece)
        if keep:
            out += piece
        if size > limit:
            return bytes(out[:limit]), f"more than {limit} bytes when decoded"


def _already_decoded(data: bytes, coding: str) -> bool:
    """Whether the bytes plainly are not in `coding`: no magic number, or markup where br (without magic) would be."""
    if coding in {"gzip", "x-gzip"}:
        return data[:2] != b"\x1f\x8b"
    if coding == "zstd":
        # a Zstandard frame, or a skippable frame (RFC 8878, 3.1.2)
        return data[:4] != b"\x28\xb5\x2f\xfd" and not (0x50 <= data[0] <= 0x5F and data[1:4] == b"\x2a\x4d\x18")
    return data[:512].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"{", b"<rss"))


def _inflate(data: bytes, wbits: int) -> _Pieces:
    decoder = zlib_ng.decompressobj(wbits)
    position = 0
    feed = b""
    while True:
        if not feed:
            feed = data[position : position + _PIECE]
            position += len(feed)
        try:
            piece = decoder.decompress(feed, _PIECE)
        except zlib_ng.error as error:  # type: ignore[misc]  # its stub does not say that it is an exception
            return f"corrupt stream ({error})"
        if piece:
            yield piece
        if decoder.eof:
            position -= len(decoder.unused_data)
            # several gzip members make one body (RFC 1952, 2.2); anything else behind the end is padding
            if wbits != 31 or data[position : position + 2] != b"\x1f\x8b":
                return None
            decoder, feed = zlib_ng.decompressobj(wbits), b""
            continue
        if not piece and not decoder.unconsumed_tail and position >= len(data):
            return "stream ends early"
        feed = decoder.unconsumed_tail


def _gunzip(data: bytes) -> _Pieces:
    return _inflate(data, 31)


def _undeflate(data: bytes) -> _Pieces:
    """`deflate` means zlib (RFC 9110, 8.4.1.2), yet some servers send a raw stream: the zlib header decides."""
    zlib_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _inflate(data, 15 if zlib_header else -15)


def _unbrotli(data: bytes) -> _Pieces:
    decoder = brotli.Decompressor()
    position = 0
    while not decoder.is_finished():
        feed = b""
        if decoder.can_accept_more_data():
            feed = data[position : position + _PIECE]
            position += len(feed)
        try:
            piece = decoder.process(feed, output_buffer_limit=_PIECE)
        except brotli.error as error:
            return f"corrupt stream ({error})"
        if piece:
            yield piece
        elif not feed and position >= len(data) and not decoder.is_finished():
            return "stream ends early"
    return None


def _unzstd(data: bytes) -> _Pieces:
    decoder = zstd.ZstdDecompressor()
    position = 0
    while True:
        feed = b""
        if decoder.needs_input:
            feed = data[position : position + _PIECE]
            position += len(feed)
        try:
            piece = decoder.decompress(feed, _PIECE)
        except zstd.ZstdError as error:
            return f"corrupt stream ({error})"
        if piece:
            yield piece
        elif not feed and position >= len(data) and not decoder.eof:
            return "stream ends early"
        if decoder.eof:
            position -= len(decoder.unused_data)
            if _already_decoded(data[position : position + 4] or b"\0", "zstd"):
                return None
            decoder = zstd.ZstdDecompressor()


_DECODERS: dict[str, Callable[[bytes], _Pieces]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
