"""Responses are read from raw bytes: framing and codings undone, damage told, nothing raised."""

import gzip
import time
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.content_coding import zstd
from archive.http_message import parse_response

BODY = b"<p>The bridge at Tarn reopened.</p>" * 400

CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def with_headers(headers: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body


def chunked(body: bytes, size: int = 700) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%X;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"


def test_plain_response_keeps_headers_as_sent() -> None:
    message = parse_response(with_headers(b"content-TYPE: text/html\r\nX-A: 1\r\nx-a: caf\xe9\r\n", BODY))
    assert message.status == 200
    assert message.version == "HTTP/1.1"
    assert message.reason == "OK"
    assert message.headers == ((b"content-TYPE", b"text/html"), (b"X-A", b"1"), (b"x-a", b"caf\xe9"))
    assert message.content_type == "text/html"
    assert (message.entity, message.body, message.incomplete) == (BODY, BODY, None)


def test_a_header_of_many_folds_is_joined_once() -> None:
    started = time.process_time()
    message = parse_response(with_headers(b"A: b\r\n" + b" x\r\n" * 400_000, b"body"))
    assert (message.body, len(message.header("A") or "")) == (b"body", 800_001)
    assert time.process_time() - started < 4, "0.6 s, or 8 s where each fold copies those before it"


@pytest.mark.parametrize("coding", CODINGS)
def test_codings_are_undone(coding: str) -> None:
    packed = CODINGS[coding](BODY)
    message = parse_response(with_headers(b"Content-Encoding: %s\r\n" % coding.encode(), packed))
    assert message.entity == packed
    assert message.body == BODY
    assert message.incomplete is None


@pytest.mark.parametrize("coding", CODINGS)
def test_a_cut_stream_is_told(coding: str) -> None:
    packed = CODINGS[coding](BODY)
    message = parse_response(with_headers(b"Content-Encoding: %s\r\n" % coding.encode(), packed[:-3]))
    assert message.incomplete == f"{coding}: stream ends early"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_stops_at_the_cap(coding: str) -> None:
    packed = CODINGS[coding](bytes(30_000_000))
    message = parse_response(with_headers(b"Content-Encoding: %s\r\n" % coding.encode(), packed), max_body=100_000)
    assert len(message.body) == 100_000
    assert message.incomplete is not None
    assert "more than 100000 bytes" in message.incomplete


@pytest.mark.parametrize("codings", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "zstd, br"])
def test_a_bomb_that_is_only_looked_at_takes_no_memory(codings: str) -> None:
    packed = bytes(40_000_000)
    for coding in codings.split(", "):
        packed = CODINGS[coding](packed)
    raw = with_headers(b"Content-Encoding: %s\r\n" % codings.encode(), packed)
    tracemalloc.start()
    message = parse_response(raw, keep_body=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (message.body, message.incomplete) == (b"", None)
    assert peak < 4_000_000, f"{peak} bytes"
    assert parse_response(raw[:-3], keep_body=False).incomplete is not None


def test_raw_deflate_is_accepted() -> None:
    compressor = zlib.compressobj(wbits=-15)
    packed = compressor.compress(BODY) + compressor.flush()
    assert parse_response(with_headers(b"Content-Encoding: deflate\r\n", packed)).body == BODY


def test_two_layers_are_undone_and_three_refused() -> None:
    twice = gzip.compress(brotli.compress(BODY))
    assert parse_response(with_headers(b"Content-Encoding: br, gzip\r\n", twice)).body == BODY
    thrice = parse_response(with_headers(b"Content-Encoding: gzip, gzip, gzip\r\n", gzip.compress(BODY)))
    assert thrice.incomplete == "3 content codings, at most 2 are undone"


def test_a_body_stored_decoded_is_taken_as_it_is() -> None:
    message = parse_response(with_headers(b"Content-Encoding: gzip\r\nContent-Length: 90\r\n", BODY))
    assert (message.body, message.incomplete) == (BODY, None)


def test_several_gzip_members_make_one_body() -> None:
    packed = gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])
    assert parse_response(with_headers(b"Content-Encoding: gzip\r\n", packed)).body == BODY


def test_chunks_with_extensions_and_trailers() -> None:
    message = parse_response(with_headers(b"Transfer-Encoding: chunked\r\n", chunked(BODY)))
    assert (message.entity, message.body, message.incomplete) == (BODY, BODY, None)


def test_gzip_inside_chunks() -> None:
    packed = gzip.compress(BODY)
    headers = b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    message = parse_response(with_headers(headers, chunked(packed, 50)))
    assert (message.entity, message.body) == (packed, BODY)


def test_gzip_as_transfer_coding() -> None:
    message = parse_response(with_headers(b"Transfer-Encoding: gzip, chunked\r\n", chunked(gzip.compress(BODY), 50)))
    assert (message.entity, message.body) == (BODY, BODY)


@pytest.mark.parametrize(
    ("framed", "problem"),
    [
        (b"5\r\nhello\r\n", "chunked body ends early"),
        (b"5\r\nhel", "chunked body ends early"),
        (b"5\r\nhello\r\nzz\r\n", "bad chunk at byte 10"),
        (b"5", "chunked body ends early"),
    ],
)
def test_damaged_chunks_are_told(framed: bytes, problem: str) -> None:
    message = parse_response(with_headers(b"Transfer-Encoding: chunked\r\n", framed))
    assert message.incomplete == problem
    assert b"hello".startswith(message.body)


def test_framing_undone_by_the_archive_is_accepted() -> None:
    message = parse_response(with_headers(b"Transfer-Encoding: chunked\r\n", BODY))
    assert (message.body, message.incomplete) == (BODY, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\n\r\nbody",
        b"HTTP/1.1 200 OK\nX: 1\n\nbody",
        b"HTTP/1.1 200 OK\r\nno colon here\r\nX: 1\r\n\r\nbody",
        b"\r\nHTTP/1.1 200\r\nX: 1\r\n\r\nbody",
    ],
    ids=["interim", "bare LF", "no colon", "empty line first"],
)
def test_odd_heads_are_read(raw: bytes) -> None:
    message = parse_response(raw)
    assert (message.status, message.headers, message.body) == (200, ((b"X", b"1"),), b"body")


def test_folded_headers_are_joined() -> None:
    assert parse_response(b"HTTP/1.1 200 OK\r\nX: a\r\n  b\r\n\tc\r\n\r\n").headers == ((b"X", b"a b c"),)


def test_short_bodies_are_told() -> None:
    message = parse_response(with_headers(b"Content-Length: 100000\r\n", BODY))
    assert message.incomplete == f"body ends after {len(BODY)} of 100000 bytes"
    assert parse_response(b"HTTP/1.1 200 OK\r\nContent-T").incomplete == "header ends early"
    assert parse_response(b"\x00\x01garbage").incomplete == "no HTTP status line"
    assert parse_response(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n").incomplete is None


@given(st.binary(max_size=300))
def test_no_input_raises(tail: bytes) -> None:
    parse_response(tail)
    for head in (b"", b"Transfer-Encoding: chunked\r\n", *(b"Content-Encoding: %s\r\n" % c.encode() for c in CODINGS)):
        message = parse_response(with_headers(head, tail))
        assert message.status == 200


@given(st.binary(min_size=1, max_size=3000), st.integers(1, 900))
def test_chunking_round_trip(body: bytes, size: int) -> None:
    message = parse_response(with_headers(b"Transfer-Encoding: chunked\r\n", chunked(body, size)))
    assert (message.entity, message.incomplete) == (body, None)
