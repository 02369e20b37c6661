"""HTTP/1.1 on one connection, as uvicorn speaks it, with the bounds that it leaves out (RFC 9112).

uvicorn's parser, httptools, takes a header of any length and reads it on the event loop; its limits are those of another
parser. Here a header has a length and a number of lines (431), a request that does not come is not waited for (408), a
body's wrapping may not outgrow the body, and no more requests are read ahead than will be answered. A trailer is dropped:
merged into the header it could say after the body gate what the gate did not see (RFC 9110 section 6.5.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.connections import HEALTH_PATHS, ConnectionLimits, Connections, Phase, Place, Proxies, Tell
from service.early_answers import busy, refusal_bytes

_WRAPPING_BYTES: Final = 16 * 1024
_WRAPPING_FACTOR: Final = 8
"""A chunk of one byte takes six: ``1 CRLF x CRLF``."""
_DISCARDED_BYTES: Final = 1024 * 1024
_LINE_OVERHEAD: Final = 4

_NOTHING, _HEADER, _BODY = range(3)


class _Refused(Exception):
    """The request breaks a bound; the parser stops here."""

    def __init__(self, status: HTTPStatus, description: str) -> None:
        super().__init__(description)
        self.status = status


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, connections: Connections, **of_uvicorn: Any) -> None:
        """Stand among ``connections``."""
        super().__init__(**of_uvicorn)
        self._connections = connections
        self._limits = connections.limits
        self._application = self.app
        self._place: Place
        self._part = _NOTHING
        self._fed = 0
        self._useful = 0
        self._header_size = 0
        self._deaf = False
        self._refused = False
        self._discarded = 0
        self._served = False
        self._write_paused = False
        self._callers: list[str] = []

    # --- the connection ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a place."""
        super().connection_made(transport)
        self._place = self._connections.arrive(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._connections.leave(self._place)
        while self._callers:
            self._connections.end(self._callers.pop())
        super().connection_lost(exc)

    def give_way(self) -> None:
        """End at once, for another."""
        self._deaf = True
        self.transport.abort()

    def expire(self, phase: Phase) -> None:
        """The peer is late."""
        if phase is Phase.HEADER:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, f"expected the header within {self._limits.header_seconds:g} s"
            )
        elif phase is Phase.BODY:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, f"expected the body within {self._limits.body_seconds:g} s"
            )
        elif phase is Phase.FIRST_BYTE or (
            phase is Phase.IDLE and not self.transport.get_write_buffer_size()
        ):
            self._deaf = True
            self.transport.close()
        else:
            self.give_way()

    def pause_writing(self) -> None:
        """The peer does not read what it asked for."""
        super().pause_writing()
        self._write_paused = True
        self._settle()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._write_paused = False
        self._settle()

    def _settle(self) -> None:
        """See whom we wait for."""
        phase = self._phase()
        if phase is not self._place.phase:
            self._connections.move(self._place, phase)

    def _phase(self) -> Phase:
        if self._refused or self.transport.is_closing():
            return Phase.UNREAD if self.transport.get_write_buffer_size() else Phase.CLOSING
        if self._write_paused:
            return Phase.UNREAD
        if not self._deaf and self._part == _BODY:
            return Phase.BODY if self._under_way is not None else Phase.REST
        if self._under_way is not None:
            return Phase.OURS
        if self._part == _HEADER:
            return Phase.HEADER
        return Phase.IDLE if self._served else Phase.FIRST_BYTE

    @property
    def _under_way(self) -> RequestResponseCycle | None:
        """The newest request that is not answered yet."""
        newest = cast("RequestResponseCycle | None", self.pipeline[0][0] if self.pipeline else self.cycle)
        return None if newest is None or newest.response_complete else newest

    # --- what arrives -----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Feed the parser piece by piece, so that no bound is passed by more than one piece."""
        if self._deaf:
            self._discarded += len(data)
            if self._discarded > _DISCARDED_BYTES:
                self.transport.abort()
            return
        step = self._limits.header_bytes
        if len(data) <= step:
            self._feed(data)
        else:
            for begin in range(0, len(data), step):
                self._feed(data[begin : begin + step])
        self._settle()

    def _feed(self, piece: bytes) -> None:
        if self._deaf:
            return
        self._fed += len(piece)
        try:
            self.parser.feed_data(piece)
            self._require_bounds()
        except httptools.HttpParserUpgrade:
            # Nothing here is upgraded. What follows may be of the other protocol: this answer is the last.
            self._finish_and_close()
        except httptools.HttpParserCallbackError as stopped:
            cause = stopped.__context__
            if isinstance(cause, _Refused):
                self._refuse(cause.status, str(cause))
            else:
                self._refuse(HTTPStatus.BAD_REQUEST, "expected a request of HTTP/1.1")
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "expected a request of HTTP/1.1")
        except _Refused as refused:
            self._refuse(refused.status, str(refused))

    def _require_bounds(self) -> None:
        if self._part == _BODY:
            if self._fed > _WRAPPING_BYTES + _WRAPPING_FACTOR * self._useful:
                raise _Refused(
                    HTTPStatus.BAD_REQUEST,
                    "expected less wrapping around a body: chunks, extensions, trailers",
                )
        elif self._fed > self._limits.header_bytes:
            raise self._header_too_large()

    def _header_too_large(self) -> _Refused:
        return _Refused(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"expected a header of at most {self._limits.header_bytes} bytes and {self._limits.header_lines} lines",
        )

    # --- the parser's callbacks -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= self._limits.pipelined:
            self._finish_and_close()
        if self._deaf:
            raise _Refused(HTTPStatus.BAD_REQUEST, "expected no more requests at once")
        super().on_message_begin()
        self._part, self._header_size = _HEADER, 0

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        super().on_url(url)
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the header, or of the trailer."""
        if self._part == _BODY:
            return
        super().on_header(name, value)
        self._count_header(len(name) + len(value) + _LINE_OVERHEAD)
        if len(self.headers) > self._limits.header_lines:
            raise self._header_too_large()

    def _count_header(self, size: int) -> None:
        self._header_size += size
        if self._header_size > self._limits.header_bytes:
            raise self._header_too_large()

    def on_headers_complete(self) -> None:
        """The request is known: let it in, or let it hear that it must come again."""
        peer = self.client[0] if self.client else ""
        caller = self._connections.proxies.caller(peer, self.headers)
        health = self.url.partition(b"?")[0] in HEALTH_PATHS
        self._callers.append(caller)
        goes_in = self._connections.begin(self._place, caller, len(self.tasks), health=health)
        if not goes_in:
            self._connections.count("refused_busy")
        self.app = self._application if goes_in else cast("Any", busy)
        if caller != peer:
            self.scope["client"] = (caller, 0)
        super().on_headers_complete()
        self._part, self._fed, self._useful = _BODY, 0, 0

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._useful += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self._part, self._fed = _NOTHING, 0

    def on_response_complete(self) -> None:
        """An answer is out: go on with the next request, or wait for one (uvicorn sets a timer for each of them)."""
        self.server_state.total_requests += 1
        self._served = True
        if self._callers:
            self._connections.end(self._callers.pop(0))
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
        self._settle()

    # --- endings ----------------------------------------------------------------------------------------------

    def _finish_and_close(self) -> None:
        """Answer what was asked, and read no more."""
        self._deaf = True
        newest = self._under_way
        if newest is None:
            self.transport.close()
        else:
            newest.keep_alive = False

    def _refuse(self, status: HTTPStatus, description: str) -> None:
        """Answer this request, if it is its turn and nothing of the answer is out; then end, after what was sent could be read."""
        if self._deaf or self.transport.is_closing():
            return
        self._connections.count(f"refused_{status.value}")
        self._deaf = True
        cycle = self._under_way
        if cycle is not None:
            if self.pipeline or self._part != _BODY:
                self._finish_and_close()  # An answer to this one would be taken for the answer to an earlier one.
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        self.transport.write(refusal_bytes(status, description))
        # Closed at once with bytes unread, the connection would be reset and the answer lost (RFC 9112 section 9.6).
        self.transport.write_eof()
        self._refused = True
        self._settle()


def bounded_protocol(
    limits: ConnectionLimits, tell: Tell, proxies: Iterable[str] = ()
) -> type[asyncio.Protocol]:
    """What ``uvicorn.Config(http=...)`` takes: a protocol for each connection, all of them under one set of limits."""
    connections = Connections(limits, Proxies(proxies), tell)

    def make(**of_uvicorn: Any) -> BoundedProtocol:
        return BoundedProtocol(connections, **of_uvicorn)

    return cast("type[asyncio.Protocol]", make)
