"""Clients for tests of and with the offline web: a raw socket, and the standard library's reader of HTTP."""

import http.client
import os
import socket
import ssl
from urllib.parse import quote, urlsplit

import lxml.html

from tests.web.offline import OfflineWeb


def connect(web: OfflineWeb, scheme: str, host: str) -> socket.socket:
    """A raw connection as a crawler pointed at the offline web makes it: real name in SNI, loopback address."""
    port = web.https_port if scheme == "https" else web.http_port
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    if scheme == "http":
        return plain
    return ssl.create_default_context(cafile=os.fspath(web.ca)).wrap_socket(plain, server_hostname=host)


def request_bytes(url: str, *, method: str = "GET", **headers: str) -> bytes:
    """A request as it goes over the wire; `Accept_Encoding="gzip"` becomes a header of that name."""
    parts = urlsplit(url)
    target = quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def raw(web: OfflineWeb, url: str, **headers: str) -> bytes:
    """Everything the server sends for one request, until it closes."""
    parts = urlsplit(url)
    with connect(web, parts.scheme, parts.netloc) as connection:
        connection.sendall(request_bytes(url, Connection="close", **headers))
        received = b""
        while more := connection.recv(65536):
            received += more
    return received


def fetch(web: OfflineWeb, url: str, *, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One exchange through the standard library's client: an independent reader of what the server frames."""
    parts = urlsplit(url)
    with connect(web, parts.scheme, parts.netloc) as connection:
        connection.sendall(request_bytes(url, method=method, Connection="close", **headers))
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        body = response.read()
        response.close()
    return response, body


def html(web: OfflineWeb, url: str) -> lxml.html.HtmlElement:
    """The parsed page at `url`."""
    return lxml.html.document_fromstring(fetch(web, url)[1].decode())
