"""The download handler that archives: every exchange is in a WARC, byte for byte, before Scrapy sees its response.

Scrapy's response cannot give a faithful record (header case and order, chunk framing, 1xx responses and reason phrase
are gone), and its signals swallow exceptions, so a page could pass as captured without being so. Therefore the bytes
are taken where they cross the wire, in the protocol, below HTTP parsing and above TLS, and the archive is written
between the last byte and the release of the response. If the archive fails, the request fails.

Rests on private names of Scrapy 2.19 and Twisted 26.10; `tests/crawler/test_handlers_contract.py` holds them.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _BindAddressAgent,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import ISSLTransport
from twisted.web._newclient import HEADER, STATUS
from twisted.web._newclient import Request as TxRequest
from twisted.web.http_headers import InvalidHeaderName

from archive import clock
from archive.agenda import Rest
from archive.http_message import parse_response
from archive.intermediaries import answered
from archive.model import Exchange, Original, Tls
from crawler import conduct
from crawler.errors import AddressRefused, ConfigurationError
from crawler.failures import unreachable, words
from crawler.intake import Intake
from crawler.middlewares.pace import HostLeftAlone, PaceMiddleware
from crawler.resolver import OfflineWeb, SafeResolver, refusal
from crawler.run import Run
from crawler.sharing.shared import Shared


class Tape:
    """What crossed the wire for one request: bytes sent, bytes received, and whom we were talking to.

    `problem` is set when the tape itself ended the exchange: the server sent more than it may.
    """

    intake = Intake()  # of all tapes of the process

    def __init__(
        self, *, header_limit: int, size_limit: int, loopback_allowed: bool, verifies_certificates: bool
    ) -> None:
        self.header_limit = header_limit
        self.size_limit = size_limit
        self.loopback_allowed = loopback_allowed
        self.verifies_certificates = verifies_certificates  # a connection that does not verify then carries nothing
        self.problem: str | None = None
        self.rewind()

    def rewind(self) -> None:
        """Start again: Twisted repeats a request by itself when a pooled connection turns out to be dead."""
        self.sent = bytearray()
        self.received = bytearray()
        self.intake.release(self)
        self.started_at = clock.now()
        self.ip_address: str | None = None
        self.certificate: bytes | None = None
        self.tls: Tls | None = None

    def add(self, data: bytes, transport: Any) -> None:
        """What came over `transport`; it may have to wait before more is read from it."""
        self.received += data
        self.intake.received(self, len(data), transport)

    def exchange(self, request: Request, *, error: Exception | None = None) -> Exchange:
        """The exchange as it goes into the archive; the tape is empty then. `error` is what ended it early."""
        response = bytes(self.received)
        self.received.clear()
        original: Original | None = request.meta.get("original")
        return Exchange(
            url=request.url.partition("#")[0],
            captured_at=self.started_at,
            request=bytes(self.sent),
            response=response,
            ip_address=self.ip_address,
            certificate=self.certificate,
            tls=self.tls,
            truncated=None if error is None else self._truncated(error),
            error=None if error is None else (self.problem or words(error)),
            publisher=request.meta.get("publisher"),
            via=[request.meta.get("via"), *request.meta.get("redirect_urls", [])][-1],
            kind=request.meta.get("kind", "page"),
            refers_to=request.meta.get("refers_to"),
            original=None if original is None else answered(original, request.url, response),
        )

    def _truncated(self, error: Exception) -> str:
        """The value of WARC-Truncated (WARC/1.1 section 5.13) for what ended the exchange."""
        if self.problem is not None or isinstance(error, DownloadCancelledError):
            return "length"
        return "time" if isinstance(error, DownloadTimeoutError) else "disconnect"


class _Tee:
    """A transport that copies to the tape what is written to it, and is the real transport in everything else."""

    def __init__(self, transport: Any, tape: Tape) -> None:
        self._transport = transport
        self._tape = tape

    def write(self, data: bytes) -> None:
        self._tape.sent += data
        self._transport.write(data)

    def writeSequence(self, chunks: Any) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(chunks))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class TapedRequest(TxRequest):
    """A request that writes itself to its tape as well. The tape stays with it when Twisted repeats the request."""

    tape: Tape

    def writeTo(self, transport: Any) -> Any:  # noqa: N802 - Twisted's name
        return super().writeTo(_Tee(transport, self.tape))  # type: ignore[no-untyped-call]


class _TolerantParser(_LenientHTTPClientParser):
    """A response parser that passes over header lines whose name is none, as browsers do; the tape keeps them."""

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 - Twisted's name
        with suppress(InvalidHeaderName):  # "X-Café: 1"; Twisted would give up the whole response
            super().headerReceived(name.strip(), value)  # type: ignore[no-untyped-call]


class TapedProtocol(_LenientHTTP11ClientProtocol):
    """A client connection, pooled and reused, that copies what it receives to the tape of the request under way."""

    _tape: Tape | None = None
    _security: tuple[bytes | None, Tls | None] | None = None  # of this connection, once asked for

    def request(self, request: TapedRequest) -> Deferred[Any]:  # type: ignore[override]
        """Send `request`, unless the connection leads somewhere it must not."""
        transport: Any = self.transport
        tape = request.tape
        tape.rewind()
        address = str(transport.getPeer().host)
        problem = None if tape.loopback_allowed else refusal(address)
        if problem is not None:
            transport.abortConnection()
            return fail(AddressRefused(f"connected to {problem}"))
        tape.ip_address = address
        self._tape = tape
        response = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _TolerantParser  # as Scrapy's protocol does with its own
            # Twisted ends an exchange without a word at a line of 16 KiB; the limit is that of all of them together
            self._parser.MAX_LENGTH = tape.header_limit
        return response

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        tape = self._tape
        if tape is not None and self._parser is not None:
            tape.add(data, self.transport)
            if self._security is None:
                self._security = _security(self.transport, verified=tape.verifies_certificates)
            tape.certificate, tape.tls = self._security
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if tape is not None and self._parser is not None and tape.problem is None:
            self._check_size(tape)

    def _check_size(self, tape: Tape) -> None:
        """End an exchange that is too long: headers without end are not limited anywhere else."""
        parser: Any = self._parser
        transport: Any = self.transport
        size = len(tape.received)
        if parser.state in (STATUS, HEADER) and size > tape.header_limit:
            tape.problem = f"more than {tape.header_limit} bytes of headers"
        elif size > tape.size_limit:
            tape.problem = f"more than {tape.size_limit} bytes"
        else:
            return
        transport.abortConnection()


def _security(transport: Any, *, verified: bool) -> tuple[bytes | None, Tls | None]:
    """The server's certificate (DER) and how the connection is secured; None and None for one without TLS."""
    if not ISSLTransport.providedBy(transport):
        return None, None
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - only where TLS is spoken

    connection = transport.getHandle()
    sent = [found.public_bytes(Encoding.DER) for found in connection.get_peer_cert_chain(as_cryptography=True) or ()]
    tls = Tls(
        protocol=connection.get_protocol_version_name(),
        cipher=connection.get_cipher_name() or "",
        issuers=tuple(sent[1:]),
        verified=verified,
    )
    return (sent[0] if sent else None), tls


class _TapedFactory(_LenientHTTP11ClientFactory):
    """Builds the pool's connections."""

    def buildProtocol(self, addr: Any) -> TapedProtocol:  # noqa: ARG002, N802 - Twisted's signature
        return TapedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _WireAgent(_BindAddressAgent):
    """Makes requests that carry a tape, and leads them to the offline web where there is one."""

    tape: Tape
    offline: OfflineWeb | None

    def _getEndpoint(self, uri: Any) -> Any:  # noqa: N802 - Twisted's name
        if self.offline is None:
            return super()._getEndpoint(uri)  # type: ignore[no-untyped-call]
        scheme = uri.scheme.decode("ascii")
        endpoint: Any = TCP4ClientEndpoint(
            self._reactor,
            self.offline.address,
            self.offline.port(scheme),
            timeout=self._endpointFactory._connectTimeout,
        )
        if scheme == "http":
            return endpoint
        # The real host: its name goes into SNI and is what the certificate must be for.
        return wrapClientTLS(self._endpointFactory._policyForHTTPS.creatorForNetloc(uri.host, uri.port), endpoint)

    def _requestWithEndpoint(  # noqa: N802, PLR0917 - Twisted's signature
        self,
        key: Any,
        endpoint: Any,
        method: bytes,
        parsedURI: Any,  # noqa: N803 - Twisted's name
        headers: Any,
        bodyProducer: Any,  # noqa: N803 - Twisted's name
        requestPath: bytes,  # noqa: N803 - Twisted's name
    ) -> Deferred[Any]:
        headers = headers.copy()
        host = self._computeHostValue(parsedURI.scheme, parsedURI.host, parsedURI.port)  # type: ignore[no-untyped-call]
        headers.addRawHeader(b"Host", host)
        request: TapedRequest = TapedRequest._construct(  # type: ignore[no-untyped-call]
            method, requestPath, headers, bodyProducer, persistent=self._pool.persistent, parsedURI=parsedURI
        )
        request.tape = self.tape
        connected: Deferred[Any] = self._pool.getConnection(key, endpoint)
        return connected.addCallback(lambda protocol: protocol.request(request))


class _TapedAgent(_ScrapyAgent):
    """Scrapy's agent for one request, with a tape in it."""

    def __init__(self, *, tape: Tape, offline: OfflineWeb | None, connect_timeout: float, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._tape = tape
        self._offline = offline
        self._connect_within = connect_timeout

    def _get_agent(self, request: Request, timeout: float) -> _WireAgent:  # noqa: ARG002 - Scrapy's signature
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

        agent = _WireAgent(
            reactor=reactor,
            contextFactory=self._contextFactory,
            connectTimeout=min(timeout, self._connect_within),
            pool=self._pool,
        )
        agent.tape = self._tape
        agent.offline = self._offline
        return agent


class ArchivingHandler(HTTP11DownloadHandler):
    """Downloads over HTTP/1.1 and has every exchange archived before the response is released.

    A response carries its capture in `request.meta["fetched"]` (see `crawler.run.Fetched`). An exchange that ends early
    is archived as far as it came, ends as `failed`, and its error goes on to the errback.

    Without a run (`scrapy shell`, `scrapy fetch`) it only downloads, and hands out the decoded body.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        conduct.check(crawler.settings)
        super().__init__(crawler)
        self._pool._factory = _TapedFactory
        self._run = Run.find(crawler)
        settings = crawler.settings
        self._header_limit = settings.getint("HEADERS_MAXSIZE")
        self._connect_timeout = settings.getfloat("CONNECT_TIMEOUT")
        self._verifies_certificates = settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        self._offline = OfflineWeb.parse(settings["OFFLINE_WEB"]) if settings["OFFLINE_WEB"] else None

    async def download_request(self, request: Request) -> Response:
        """Fetch, archive, then answer. Raises Scrapy's download exceptions, AddressRefused and ArchiveError."""
        run = self._run
        if run is not None:
            await run.end_hop(request)
        tape = Tape(
            header_limit=self._header_limit,
            # Twice the size of a body: chunked coding may add as much again, not more
            size_limit=2 * self._default_maxsize + self._header_limit,
            loopback_allowed=self._offline is not None,
            verifies_certificates=self._verifies_certificates,
        )
        try:
            if run is not None and run.shared is not None:
                return await self._in_turn(run.shared, request, tape)
            return await self._archived(request, tape)
        finally:
            Tape.intake.release(tape)

    async def _in_turn(self, shared: Shared, request: Request, tape: Tape) -> Response:
        """Fetch when no other worker is asking the host, or has just done so. Raises HostLeftAlone, too."""
        middleware = self._crawler.get_downloader_middleware(PaceMiddleware)
        if middleware is None:
            raise ConfigurationError("without PaceMiddleware no pace can be shared")
        host, delay = urlsplit(request.url).hostname or "", middleware.delay_of(request)
        concurrency = self._crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        async with shared.turn(host, delay=delay, concurrency=concurrency) as rest:
            if rest is not None:
                middleware.leave(rest)
                raise HostLeftAlone(rest)
            response = await self._archived(request, tape)
        if middleware.delay_of(request) > delay:
            await shared.hold(host, middleware.delay_of(request), delay=middleware.delay_of(request))
        return response

    async def _archived(self, request: Request, tape: Tape) -> Response:
        run = self._run
        try:
            response = await self._fetch(request, tape)
        except Exception as error:
            if run is not None and self._left_home(request, tape):
                await run.capture_failed(request, tape.exchange(request, error=error))
            raise
        rest = self._pace(request, response)
        if run is None:
            headers = {name: values for name, values in response.headers.items() if name.lower() != b"content-encoding"}
            return response.replace(body=parse_response(bytes(tape.received)).body, headers=headers)
        await run.capture(request, tape.exchange(request))
        if rest is not None:
            await run.frontier.record_rest(rest)
        return response

    def _pace(self, request: Request, response: Response) -> Rest | None:
        """Tell the keeper of the pace of an answer, before the next request can go to its host."""
        middleware = self._crawler.get_downloader_middleware(PaceMiddleware)
        return middleware.answered(request, response) if middleware is not None else None

    async def _fetch(self, request: Request, tape: Tape) -> Response:
        agent = _TapedAgent(
            tape=tape,
            offline=self._offline,
            connect_timeout=self._connect_timeout,
            contextFactory=self._contextFactory,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        host = urlsplit(request.url).hostname or ""
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except Exception as error:
            if isinstance(error, CannotResolveHostError) and host in SafeResolver.refused:
                raise AddressRefused(
                    f"{request.url} resolves to {SafeResolver.refused[host]}; only the public web is crawled"
                ) from error
            if isinstance(error, DownloadCancelledError) and tape.problem is None:
                tape.problem = f"more than {self._default_maxsize} bytes of body"  # Scrapy's own check
            if tape.problem is not None:
                raise DownloadCancelledError(tape.problem) from error
            lost = None if tape.sent else unreachable(error, host=host, connect_timeout=self._connect_timeout)
            if lost is not None:
                raise lost from error
            raise

    @staticmethod
    def _left_home(request: Request, tape: Tape) -> bool:
        """Whether a failed exchange has bytes to archive.

        Under TLS a request is written before the handshake has ended: if nothing came back, it may never have left.
        """
        return bool(tape.received) or (bool(tape.sent) and request.url.startswith("http:"))
