"""The private names of Scrapy and Twisted that the archiving handler rests on. A new version that moves one fails here,
with its name, instead of in a crawl."""

import inspect
from importlib.metadata import version

from OpenSSL.SSL import Connection
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers import http11
from scrapy.pqueues import DownloaderInterface
from scrapy.utils import _download_handlers
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web import _newclient, client

from crawler import handlers


def test_the_versions_that_were_read() -> None:
    assert version("scrapy").startswith("2.19."), "read the new http11.py, then move the pin"


def test_the_scrapy_agent_takes_what_we_give_and_asks_for_our_agent() -> None:
    given = {"contextFactory", "pool", "maxsize", "warnsize", "fail_on_dataloss", "crawler"}
    assert given <= set(inspect.signature(http11._ScrapyAgent.__init__).parameters)
    assert list(inspect.signature(http11._ScrapyAgent._get_agent).parameters) == ["self", "request", "timeout"]
    assert "self._get_agent(" in inspect.getsource(http11._ScrapyAgent.download_request)


def test_the_handler_keeps_its_pool_and_its_limits_where_we_look() -> None:
    source = inspect.getsource(http11.HTTP11DownloadHandler.__init__)
    assert "self._pool._factory = " in source
    assert "self._contextFactory" in source
    base = inspect.getsource(http11.BaseHttpDownloadHandler.__init__)
    for name in ("_default_maxsize", "_default_warnsize", "_fail_on_dataloss"):
        assert f"self.{name}" in base


def test_the_agent_hands_the_request_over_in_one_method() -> None:
    expected = ["self", "key", "endpoint", "method", "parsedURI", "headers", "bodyProducer", "requestPath"]
    assert list(inspect.signature(client.Agent._requestWithEndpoint).parameters) == expected
    assert list(inspect.signature(handlers._WireAgent._requestWithEndpoint).parameters) == expected
    assert list(inspect.signature(client.Agent._getEndpoint).parameters) == ["self", "uri"]
    assert hasattr(client.Agent, "_computeHostValue")
    assert "self._policyForHTTPS" in inspect.getsource(client._StandardEndpointFactory.__init__)


def test_the_request_writes_itself_and_the_pool_repeats_the_same_object() -> None:
    assert list(inspect.signature(_newclient.Request.writeTo).parameters) == ["self", "transport"]
    names = ["method", "uri", "headers", "bodyProducer", "persistent", "parsedURI"]
    assert list(inspect.signature(_newclient.Request._construct).parameters) == names
    retrying = inspect.getsource(client._RetryingHTTP11ClientProtocol.request)
    assert "self._clientProtocol.request(request)" in retrying


def test_the_protocol_reads_with_a_parser_that_has_a_state() -> None:
    protocol = http11._LenientHTTP11ClientProtocol()
    assert protocol._parser is None
    assert "self._parser.dataReceived(bytes)" in inspect.getsource(_newclient.HTTP11ClientProtocol.dataReceived)
    parser = _newclient.HTTPClientParser(_newclient.Request(b"GET", b"/", None, None), None)
    parser.makeConnection(None)
    assert parser.state == _newclient.STATUS
    parser.dataReceived(b"HTTP/1.1 200 OK\r\n")
    assert parser.state == _newclient.HEADER
    assert "_quiescentCallback" in inspect.getsource(client._HTTP11ClientFactory.__init__)


def test_the_parser_may_be_exchanged_and_is_told_each_header() -> None:
    source = inspect.getsource(http11._LenientHTTP11ClientProtocol.request)
    assert "self._parser.__class__ = _LenientHTTPClientParser" in source
    assert "self.headerReceived(name, value" in inspect.getsource(http11._LenientHTTPClientParser.lineReceived)
    assert list(inspect.signature(_newclient.HTTPParser.headerReceived).parameters) == ["self", "name", "value"]


def test_the_connection_says_how_it_is_secured() -> None:
    for name in ("get_peer_cert_chain", "get_protocol_version_name", "get_cipher_name"):
        assert callable(getattr(Connection, name))
    assert "as_cryptography" in inspect.signature(Connection.get_peer_cert_chain).parameters
    made = inspect.getsource(TLSMemoryBIOProtocol)
    assert "def getHandle(" in made


def test_a_line_may_be_as_long_as_the_parser_says() -> None:
    assert isinstance(_newclient.HTTPClientParser.MAX_LENGTH, int)


def test_the_queue_counts_what_a_host_has_under_way() -> None:
    assert list(inspect.signature(Downloader._get_slot).parameters)[:2] == ["self", "request"]
    assert ".active)" in inspect.getsource(DownloaderInterface._active_downloads)


def test_twisted_errors_become_scrapys() -> None:
    assert "ResponseFailed" in inspect.getsource(_download_handlers.wrap_twisted_exceptions)
