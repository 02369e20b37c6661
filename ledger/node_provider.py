"""web3's questions over the ledger's own connections. Importing this module imports web3."""

from __future__ import annotations

from typing import Any, cast

from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint, RPCError, RPCResponse

from ledger.blocks import Node
from ledger.rpc import Json, NodeError


class NodeProvider(JSONBaseProvider):
    """web3's questions over the ledger's own connections.

    They are kept alive, bounded in time and size, follow no redirect and no proxy of the environment, and send nothing
    twice; web3's own ``HTTPProvider`` sends up to five times by itself, which would hide what ``Sender`` must know.
    """

    def __init__(self, node: Node) -> None:
        """Connects when first asked."""
        super().__init__()
        self._node = node

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One question; raises ``Unavailable`` if there is no answer."""
        try:
            return {"jsonrpc": "2.0", "id": 1, "result": self._node.call(method, *params)}
        except NodeError as refused:
            error: dict[str, Json] = {"code": refused.code, "message": refused.node_message}
            if refused.data is not None:
                error["data"] = refused.data
            return {"jsonrpc": "2.0", "id": 1, "error": cast("RPCError", error)}
