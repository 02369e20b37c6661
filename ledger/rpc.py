"""JSON-RPC over HTTP to an Ethereum node (EIP-1474), plain and quick: kept-alive connections, one timeout, no retries.

Thread-safe. Readers use it as it is, since web3 takes seconds to import in every process; writers' web3 asks through it,
too (decision 0021). Whatever a node sends that is not an answer counts as no answer.
"""

from __future__ import annotations

import http.client
import json
import queue
import ssl
import weakref
from collections.abc import Sequence
from itertools import count
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from passport.errors import Misconfigured, PassportError, Reason, Unavailable

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
LONGEST_ANSWER: Final = 64 * 1024 * 1024
_IDLE_CONNECTIONS: Final = 8
_OK: Final = 200


class NodeError(PassportError):
    """The node answered with an error object."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(f"the node answered {code}: {message}")
        self.code = code
        self.node_message = message
        self.data = data


def unavailable(message: str) -> Unavailable:
    """Could not find out from the ledger."""
    return Unavailable(Reason.LEDGER_UNAVAILABLE, message)


class Rpc:
    """A node's JSON-RPC endpoint."""

    def __init__(self, url: str, timeout: float = 5.0) -> None:
        """Remember where; connects when first asked."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Misconfigured("expected the ledger's RPC URL to be http(s)://host[:port][/path]")
        self._parts = parts
        self._timeout = timeout
        self._ids = count(1)
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue(_IDLE_CONNECTIONS)
        weakref.finalize(self, _hang_up, self._idle)

    def call(self, method: str, *parameters: Json) -> Json:
        """The result of one call.

        Raises:
            Unavailable: the node cannot be reached or does not answer as a node would.
            NodeError: it answers with an error.
        """
        call_id = next(self._ids)
        return _result(self._exchange(_request(call_id, method, parameters)), call_id)

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """The results of several calls in one request, in their order. Raises as ``call`` does."""
        if not calls:
            return []
        ids = [next(self._ids) for _ in calls]
        requests: list[Json] = [
            _request(call_id, *one_call) for call_id, one_call in zip(ids, calls, strict=True)
        ]
        answers = self._exchange(requests)
        if not isinstance(answers, list):
            return [_result(answers, None)]
        by_id = {str(answer.get("id")): answer for answer in answers if isinstance(answer, dict)}
        return [_result(by_id.get(str(call_id)), call_id) for call_id in ids]

    def close(self) -> None:
        """Hang up every idle connection."""
        _hang_up(self._idle)

    def _exchange(self, request: Json) -> Json:
        body = json.dumps(request, separators=(",", ":")).encode()
        connection, reused = self._connection()
        try:
            try:
                content = self._post(connection, body)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                connection.close()
                if not reused:
                    raise
                # The node closed a connection that had been idle; that says nothing about this request.
                connection = self._new_connection()
                content = self._post(connection, body)
        except (OSError, http.client.HTTPException) as failed:
            connection.close()
            raise unavailable(f"the ledger's node cannot be reached: {type(failed).__name__}") from failed
        except Unavailable:
            connection.close()
            raise
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()
        try:
            answer: Json = json.loads(content)
        except (ValueError, RecursionError) as unreadable:
            raise unavailable("expected JSON from the ledger's node") from unreadable
        return answer

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> bytes:
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        connection.request("POST", path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        content = response.read(LONGEST_ANSWER + 1)
        if len(content) > LONGEST_ANSWER:
            raise unavailable(f"expected at most {LONGEST_ANSWER} bytes from the ledger's node")
        if response.status != _OK:
            raise unavailable(f"expected HTTP status {_OK} from the ledger's node, got {response.status}")
        return content

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        try:
            return self._idle.get_nowait(), True
        except queue.Empty:
            return self._new_connection(), False

    def _new_connection(self) -> http.client.HTTPConnection:
        host = self._parts.hostname or ""
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self._parts.port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, self._parts.port, timeout=self._timeout)


def _hang_up(idle: queue.LifoQueue[http.client.HTTPConnection]) -> None:
    while True:
        try:
            idle.get_nowait().close()
        except queue.Empty:
            return


def _request(call_id: int, method: str, parameters: Sequence[Json]) -> dict[str, Json]:
    return {"jsonrpc": "2.0", "id": call_id, "method": method, "params": list(parameters)}


def _result(answer: Json, call_id: int | None) -> Json:
    if not isinstance(answer, dict):
        raise unavailable("expected a JSON-RPC answer from the ledger's node")
    error = answer.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        raise NodeError(code if isinstance(code, int) else 0, str(error.get("message")), error.get("data"))
    if answer.get("id") != call_id or "result" not in answer:
        raise unavailable("expected the answer to our own request from the ledger's node")
    return answer["result"]
