"""The ledger as one issuer uses it: its own grants, anchors and status lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from passport.identifiers import Address
from passport.registry import AnchorRecord, Grant, Role, StatusRecord, grant_in_force

_ATTRIBUTE_LASTS: Final = timedelta(days=3650)


class Reads(Protocol):
    """What is read of the ledger."""

    def check(self) -> None:
        """Raises unless it can be read now."""
        ...

    def grants(self, who: Address, role: Role, schema: bytes | None = None) -> tuple[Grant, ...]:
        """Every grant of a participant in a role."""
        ...

    def attribute(self, who: Address, name: str) -> bytes | None:
        """The value of an ERC-1056 attribute that holds now."""
        ...


class Writes(Protocol):
    """What is written to the ledger."""

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        """Anchor a batch."""
        ...

    def publish_status(
        self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime
    ) -> StatusRecord:
        """Publish a status list's version."""
        ...

    def set_attribute(self, name: str, value: bytes, validity: timedelta) -> object:
        """Set an ERC-1056 attribute."""
        ...


class LedgerAccess:
    """Reads and writes for one identity."""

    def __init__(self, reads: Reads, writes: Writes, identity: Address) -> None:
        self._reads = reads
        self._writes = writes
        self._identity = identity

    def check(self) -> None:
        """For readiness: raises ``Unavailable`` unless the ledger can be read now."""
        self._reads.check()

    def grant(self, schema: bytes, at: datetime) -> Grant | None:
        """The newest grant of this issuer for a schema that is in force and not suspended."""
        held = [
            one
            for one in self._reads.grants(self._identity, Role.ISSUER, schema)
            if grant_in_force(one, at=at) and not one.suspended
        ]
        return held[-1] if held else None

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        """Anchor a batch; raises as the ledger's writer does."""
        return self._writes.anchor(schema, grant_number, root, size)

    def publish_status(
        self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime
    ) -> StatusRecord:
        """Publish a status list's version; raises as the ledger's writer does."""
        return self._writes.publish_status(list_id, commitment, version, fresh_until)

    def announce(self, name: str, value: bytes) -> None:
        """Set an attribute of this issuer unless it holds already; raises as the ledger's writer does."""
        if self._reads.attribute(self._identity, name) != value:
            self._writes.set_attribute(name, value, _ATTRIBUTE_LASTS)
