"""What a participant, and the registrar, can write on the ledger. Each waits for its block.

An identity's operator may anchor, publish and add keys for it; attributes, delegates and thefts are its owner's alone.
Only the account itself calls: ERC-1056's ``*Signed`` functions carry no chain id and could be replayed elsewhere.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from importlib import import_module
from threading import Lock, Thread
from typing import TYPE_CHECKING

from ledger.account import AccountKey
from ledger.blocks import moment
from ledger.events import ROLES
from ledger.interfaces import interface
from ledger.reads import OPERATOR, Ledger
from ledger.receipts import Receipt, Reverted
from ledger.rpc import unavailable
from ledger.settings import ContractName
from passport.clock import to_epoch
from passport.identifiers import Address, Vct
from passport.registry import AnchorRecord, Role, StatusRecord

if TYPE_CHECKING:
    from ledger.sending import Argument, Sender

_TRUST = ContractName.TRUST_REGISTRY
_DID = ContractName.DID_REGISTRY
_NO_SCHEMA = bytes(32)


class LedgerWriter:
    """Writes with one account, for one identity (its own unless another is named)."""

    def __init__(self, ledger: Ledger, account: AccountKey, identity: Address | None = None) -> None:
        """Ask nothing yet; web3 is imported meanwhile, so that the first write need not wait for it."""
        self._ledger = ledger
        self.account = account
        self.identity = identity or account.address
        self._opening = Lock()
        self._opened: Sender | None = None
        if "ledger.sending" not in sys.modules:
            # No daemon: one that is stopped amid loading a library can take the interpreter down with it.
            Thread(target=import_module, args=("ledger.sending",), name="ledger-writer-imports").start()

    # As an issuer.

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        """Anchor a batch. Anchoring the same batch again is no error: it answers the first time's record.

        Raises:
            Reverted: no such grant holds now, or another size is on record.
            Unavailable: not known; repeat.
        """
        try:
            receipt = self._call(
                ContractName.ANCHOR_REGISTRY, "anchor", self.identity, schema, grant_number, root, size
            )
        except Reverted as refused:
            if refused.error != "AlreadyAnchored" or refused.arguments != (root, size):
                raise
            return self._anchored_before(schema, grant_number, root)
        return AnchorRecord(self.identity, schema, grant_number, root, size, receipt.block)

    def publish_status(
        self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime
    ) -> StatusRecord:
        """Let a new version of a status list count. Publishing the very same again is no error.

        Raises:
            Reverted: the version is not the next, or ``fresh_until`` is over, or more than seven days away.
            Unavailable: not known; repeat.
        """
        until = to_epoch(fresh_until)
        try:
            receipt = self._call(
                *(ContractName.STATUS_REGISTRY, "publish", self.identity),
                *(list_id, commitment, version, until),
            )
        except Reverted as refused:
            before = self._ledger.status_record(self.identity, list_id)
            if before is None or (before.version, before.commitment) != (version, commitment):
                raise
            if refused.error not in {"VersionNotNext", "FreshnessOutOfRange"}:
                raise
            return before
        return StatusRecord(self.identity, list_id, commitment, version, moment(until), receipt.block)

    # As a participant.

    def add_signing_key(
        self, thumbprint: bytes, valid_until: datetime, valid_from: datetime | None = None
    ) -> Receipt:
        """Add a signing key, from now or from a later time. A key that is on record already is refused."""
        start = 0 if valid_from is None else to_epoch(valid_from)
        return self._call(_TRUST, "addSigningKey", self.identity, thumbprint, start, to_epoch(valid_until))

    def report_stolen(
        self, thumbprint: bytes, since: datetime, participant: Address | None = None
    ) -> Receipt:
        """Say since when a signing key is in wrong hands; by its owner, or by the authority for a participant."""
        return self._call(_TRUST, "reportStolen", participant or self.identity, thumbprint, to_epoch(since))

    def set_attribute(self, name: str, value: bytes, validity: timedelta) -> Receipt:
        """Set an ERC-1056 attribute, such as ``did/svc/OpenID4VCI``."""
        return self._call(_DID, "setAttribute", self.identity, _name(name), value, _seconds(validity))

    def revoke_attribute(self, name: str, value: bytes) -> Receipt:
        """End an ERC-1056 attribute."""
        return self._call(_DID, "revokeAttribute", self.identity, _name(name), value)

    def add_delegate(self, delegate: Address, validity: timedelta, kind: str = OPERATOR) -> Receipt:
        """Name an ERC-1056 delegate."""
        seconds = _seconds(validity)
        return self._call(_DID, "addDelegate", self.identity, _name(kind), delegate, seconds)

    def revoke_delegate(self, delegate: Address, kind: str = OPERATOR) -> Receipt:
        """End an ERC-1056 delegate's time."""
        return self._call(_DID, "revokeDelegate", self.identity, _name(kind), delegate)

    # As the registrar.

    def register_schema(self, vct: Vct) -> Receipt:
        """Let a credential type be issued."""
        return self._call(_TRUST, "registerSchema", vct)

    def grant(
        self,
        participant: Address,
        role: Role,
        *,
        valid_until: datetime,
        evidence_hash: bytes,
        schema: bytes | None = None,
        valid_from: datetime | None = None,
    ) -> int:
        """Accredit a participant; returns the grant's number. An issuer's grant names a schema, others none."""
        receipt = self._call(
            *(_TRUST, "grant", participant, ROLES.index(role), schema or _NO_SCHEMA),
            *(0 if valid_from is None else to_epoch(valid_from), to_epoch(valid_until), evidence_hash),
        )
        events = (interface(_TRUST).event(log.topics, log.content) for log in receipt.logs)
        numbers = [
            event.values["number"] for event in events if event is not None and event.name == "Granted"
        ]
        if len(numbers) != 1:
            raise unavailable(f"expected one grant in the transaction's receipt, got {len(numbers)}")
        return int(numbers[0])

    def suspend(self, number: int) -> Receipt:
        """Stop a grant at once; the guardian may do this, too."""
        return self._call(_TRUST, "suspend", number)

    def reinstate(self, number: int) -> Receipt:
        """Let a stopped grant hold again."""
        return self._call(_TRUST, "reinstate", number)

    def withdraw(self, number: int, since: datetime) -> Receipt:
        """Withdraw a grant for good, since a time that may lie in the past."""
        return self._call(_TRUST, "withdraw", number, to_epoch(since))

    def add_root(self, root_sha256: bytes) -> Receipt:
        """Trust a root certificate."""
        return self._call(_TRUST, "addRoot", root_sha256)

    def remove_root(self, root_sha256: bytes) -> Receipt:
        """Trust a root certificate no longer."""
        return self._call(_TRUST, "removeRoot", root_sha256)

    def add_checkpoint_key(self, thumbprint: bytes) -> Receipt:
        """Let a key sign checkpoints."""
        return self._call(_TRUST, "addCheckpointKey", thumbprint)

    def remove_checkpoint_key(self, thumbprint: bytes) -> Receipt:
        """Let a key sign checkpoints no longer."""
        return self._call(_TRUST, "removeCheckpointKey", thumbprint)

    def _call(self, contract: ContractName, function: str, *arguments: Argument) -> Receipt:
        at = self._ledger.settings.address_of(contract)
        return self._sender().call(contract, at, function, *arguments)

    def _sender(self) -> Sender:
        from ledger.sending import Sender  # noqa: PLC0415 - imports web3, which readers need not wait for

        with self._opening:  # One, since it gives out the account's nonces.
            if self._opened is None:
                settings = self._ledger.settings
                self._opened = Sender(
                    self._ledger.rpc, self.account, settings.chain_id, settings.max_fee_per_gas_wei
                )
            return self._opened

    def _anchored_before(self, schema: bytes, grant_number: int, root: bytes) -> AnchorRecord:
        record = self._ledger.anchor(self.identity, schema, grant_number, root)
        if record is None:
            raise unavailable("expected the ledger to show the anchor that it says it has")
        return record


def _name(text: str) -> bytes:
    """An ERC-1056 name: at most 32 bytes of text."""
    encoded = text.encode()
    if not 1 <= len(encoded) <= len(_NO_SCHEMA):
        raise ValueError(f"expected a name of 1 to {len(_NO_SCHEMA)} bytes, got {len(encoded)}")
    return encoded.ljust(len(_NO_SCHEMA), b"\0")


def _seconds(validity: timedelta) -> int:
    return int(validity.total_seconds())
