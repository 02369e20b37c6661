"""Fetch one status list, and decide what it counts for (Token Status List; design section 5, "Status").

1. Its address: banks serve list ``n`` at ``/status/n``, and the ledger's id is the SHA-256 of the address.
2. Its signature, by a key that the TrustRegistry has for that issuer now, of this very address.
3. Its version against the ledger's: the same with the published commitment is *agreed*; a newer one may only take
   away; an older one, or another content, counts for nothing and is remembered as trouble.

A bank that lost its licence must still be able to revoke, so no grant is asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from passport.clock import Clock
from passport.errors import PassportError, Reason, Rejected, Unavailable
from passport.identifiers import Address
from passport.jose import parse_compact
from passport.registry import Role, StatusRecord, require_key_at
from passport.status import TOKEN_LIMITS, VerifiedStatusList, list_id_of, verify_status_list
from verifier.ports import CachedStatusList, Fetcher, StatusFacts, StatusLists
from verifier.status_shelf import ReadList, ShelvedList, StatusShelf
from verifier.use_cases.know_issuer import IssuerDesk, know_issuer

STATUS_MEDIA_TYPE = "application/statuslist+jwt"
MAX_LISTS = 256
"""How many list numbers of one bank are tried for an address."""


_Place: TypeAlias = tuple[Address, bytes]
"""Issuer and list id: two issuers may name one address on the ledger, and only one of them can sign for it."""


@dataclass(frozen=True, slots=True)
class ListFollower:
    """Keeps the shelf at what the ledger names."""

    shelf: StatusShelf
    kept: StatusLists
    fetcher: Fetcher
    facts: StatusFacts
    issuers: IssuerDesk
    clock: Clock
    fetched_at: dict[_Place, datetime] = field(default_factory=dict)
    addresses: dict[_Place, str] = field(default_factory=dict)

    def due(self, record: StatusRecord, *, again: timedelta) -> bool:
        """Whether the list must be fetched: the ledger names a version that is not here, or the clock says so."""
        uri = self.addresses.get(_place_of(record))
        shelved = None if uri is None else self.shelf.get(record.issuer, uri)
        if shelved is None or shelved.agreed is None or not _is_named(shelved.agreed, record):
            return True
        last = self.fetched_at.get(_place_of(record))
        return last is None or self.clock.now() - last >= again

    def fetch(self, record: StatusRecord, base_url: str) -> None:
        """Bring the shelf to what the bank serves.

        Raises:
            PassportError: it could not be fetched, or is not what the ledger names; the shelf says so.
        """
        uri = self._address(record, base_url)
        if self._restore(record, uri):
            return
        try:
            body = self.fetcher.get(uri, accept=(STATUS_MEDIA_TYPE,), max_bytes=TOKEN_LIMITS.size)
            token = body.decode("ascii", "replace")
            self._place(record, self._read(record.issuer, uri, token), token)
        except PassportError as error:
            self.shelf.trouble(record.issuer, record.list_id, uri, _trouble(error))
            raise
        self.fetched_at[_place_of(record)] = self.clock.now()

    def _address(self, record: StatusRecord, base_url: str) -> str:
        """1. The address whose hash the ledger has."""
        known = self.addresses.get(_place_of(record))
        if known is not None and known.startswith(f"{base_url}/"):
            return known
        for number in range(MAX_LISTS):
            uri = f"{base_url}/status/{number}"
            if list_id_of(uri) == record.list_id:
                self.addresses[_place_of(record)] = uri
                return uri
        raise Unavailable(Reason.STATUS_UNAVAILABLE, f"expected a status list among the first {MAX_LISTS}")

    def _read(self, issuer: Address, uri: str, token: str) -> VerifiedStatusList:
        """2. What the issuer signed for this address."""
        now = self.clock.now()
        unverified = parse_compact(token, TOKEN_LIMITS)
        signer = know_issuer(unverified.unverified_header, self.issuers, role=Role.ISSUER, at=now)
        if signer.did.address != issuer:
            raise Rejected(Reason.STATUS_INVALID, "expected a status list by the issuer that published it")
        require_key_at(self.issuers.trust.signing_key(issuer, signer.key.thumbprint()), at=now)
        verified = verify_status_list(unverified, key=signer.key, uri=uri, now=now)
        signer.chain.check_signed_at(verified.issued_at)
        return verified

    def _place(self, record: StatusRecord, read: VerifiedStatusList, token: str) -> None:
        """3. What it counts for."""
        fetched = ReadList(read.version, read.commitment, read.statuses)
        empty = ShelvedList(record.issuer, record.list_id, read.uri)
        shelved = self.shelf.get(record.issuer, read.uri) or empty
        # The ledger may have moved on while the list was on its way.
        newest = self.facts.status_record(record.issuer, record.list_id) or record
        if _is_named(fetched, newest):
            self.shelf.put(replace(shelved, agreed=fetched, newer=None, trouble=None))
            self.kept.keep(
                CachedStatusList(
                    issuer=record.issuer,
                    list_id=record.list_id,
                    uri=read.uri,
                    version=read.version,
                    commitment=read.commitment,
                    token=token,
                    fetched_at=self.clock.now(),
                )
            )
        elif read.version > newest.version:
            self.shelf.put(replace(shelved, newer=fetched, trouble=None))
        elif read.version < newest.version:
            raise Rejected(
                Reason.STATUS_ROLLED_BACK, "expected the ledger's newest version, got an older one"
            )
        else:
            raise Rejected(Reason.STATUS_INVALID, "expected the content that was published on the ledger")

    def _restore(self, record: StatusRecord, uri: str) -> bool:
        """After a restart: the kept list, if it still is the ledger's newest; else it must be fetched."""
        if self.shelf.get(record.issuer, uri) is not None:
            return False
        place = _place_of(record)
        kept = next((each for each in self.kept.all() if (each.issuer, each.list_id) == place), None)
        if kept is None or kept.uri != uri:
            return False
        try:
            read = self._read(record.issuer, uri, kept.token)
        except PassportError:
            return False
        restored = ReadList(read.version, read.commitment, read.statuses)
        if not _is_named(restored, record):
            return False
        self.shelf.put(ShelvedList(record.issuer, record.list_id, uri, agreed=restored))
        self.fetched_at[place] = kept.fetched_at
        return True


def _place_of(record: StatusRecord) -> _Place:
    return record.issuer, record.list_id


def _is_named(read: ReadList, record: StatusRecord) -> bool:
    return read.version == record.version and read.commitment == record.commitment


def _trouble(error: PassportError) -> Reason:
    """Why a list could not be told, in the words of status."""
    if isinstance(error, Rejected):
        rolled_back = error.reason is Reason.STATUS_ROLLED_BACK
        return Reason.STATUS_ROLLED_BACK if rolled_back else Reason.STATUS_INVALID
    stale = isinstance(error, Unavailable) and error.reason is Reason.STATUS_STALE
    return Reason.STATUS_STALE if stale else Reason.STATUS_UNAVAILABLE
