"""JSON-RPC over HTTP before a ledger's node, real or simulated, that empties the answers it is told to empty."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.blocks import Node
from ledger.rpc import NodeError


class Relay:
    """Passes calls on, and answers those to the methods in ``hidden`` with an empty list."""

    def __init__(self, node: Node) -> None:
        self.hidden: frozenset[str] = frozenset()
        self._node = node
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                said = (
                    [relay.answer(one) for one in asked] if isinstance(asked, list) else relay.answer(asked)
                )
                out = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(out)))
                self.end_headers()
                self.wfile.write(out)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Any) -> Any:
        head = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            result = self._node.call(request["method"], *request["params"])
        except NodeError as refused:
            return {**head, "error": {"code": refused.code, "message": refused.node_message}}
        return {**head, "result": [] if request["method"] in self.hidden else result}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
