"""The status of a credential, from the followed list (Token Status List; design section 5, "Status").

1. The ledger's newest version of the list; none was ever published: *could not tell*.
2. A list that the bank served since then may only take away.
3. The list here is the ledger's newest. If it is not, the follower gets a moment; then *could not tell*, with why.
   What an older list took away for good stays taken.
4. It is fresh by the ledger's clock of promises (``freshUntil``).
5. The value: valid, or refused.

No bank is asked. Status age is the time since the list was last seen to be the ledger's.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.clock import Clock
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Address
from passport.registry import StatusRecord
from passport.status import StatusList, StatusValue, list_id_of
from passport.strict_json import JsonObject
from verifier.ports import ChainView, Patience, StatusFacts
from verifier.status_shelf import ShelvedList, StatusShelf


@dataclass(frozen=True, slots=True)
class JudgedStatus:
    """What could be told. ``value`` is None where nothing could."""

    uri: str
    record: StatusRecord | None
    value: StatusValue | None
    doubts: tuple[Reason, ...]
    age_seconds: int | None

    def require_standing(self) -> None:
        """Refuse what was taken away.

        Raises:
            Rejected: REVOKED or SUSPENDED.
        """
        if self.value is StatusValue.REVOKED:
            raise Rejected(Reason.REVOKED, "expected a credential that was not revoked")
        if self.value is StatusValue.SUSPENDED:
            raise Rejected(Reason.SUSPENDED, "expected a credential that is not suspended")

    def facts(self) -> JsonObject:
        """For the decision record: which version it was, and how old; never the index, which names a person."""
        return {
            "list": self.uri,
            "version": None if self.record is None else self.record.version,
            "fresh_until": None if self.record is None else self.record.fresh_until.isoformat(),
            "age_seconds": self.age_seconds,
        }


@dataclass(frozen=True, slots=True)
class StatusJudge:
    """Reads statuses from what the follower keeps."""

    clock: Clock
    chain: ChainView
    facts: StatusFacts
    shelf: StatusShelf

    def look(
        self, issuer: Address, uri: str, index: int, *, patience: Patience | None = None
    ) -> JudgedStatus:
        """What is known of an entry now; with patience, after the follower had a moment to catch up.

        Raises:
            Rejected: STATUS_INVALID.
        """
        # 1. The ledger's version.
        list_id = list_id_of(uri)
        record = self.facts.status_record(issuer, list_id)

        def agreed() -> bool:
            nonlocal record
            record = self.facts.status_record(issuer, list_id)
            return _agrees(self.shelf.get(issuer, uri), record)

        caught_up = patience.until(agreed) if patience is not None else agreed()
        shelved = self.shelf.get(issuer, uri)
        if shelved is None or record is None:
            reason = (
                Reason.STATUS_UNAVAILABLE if shelved is None or shelved.trouble is None else shelved.trouble
            )
            return JudgedStatus(uri, record, None, (reason,), None)
        # 2. What takes away counts at once.
        taken = _taken_away(shelved, index)
        if taken is not None:
            return JudgedStatus(uri, record, taken, (), self._age())
        # 3. The ledger's newest.
        if not caught_up or shelved.agreed is None:
            final = (
                shelved.agreed is not None and _value(shelved.agreed.statuses, index) is StatusValue.REVOKED
            )
            value = StatusValue.REVOKED if final else None
            doubts = () if final else (shelved.trouble or Reason.STATUS_STALE,)
            return JudgedStatus(uri, record, value, doubts, None)
        # 4. Fresh.
        if self.clock.now() >= record.fresh_until:
            return JudgedStatus(uri, record, None, (Reason.STATUS_STALE,), self._age())
        # 5. The value.
        return JudgedStatus(uri, record, _value(shelved.agreed.statuses, index), (), self._age())

    def _age(self) -> int | None:
        seen = self.chain.last_seen_at
        return None if seen is None else max(0, int((self.clock.now() - seen).total_seconds()))


def _agrees(shelved: ShelvedList | None, record: StatusRecord | None) -> bool:
    return (
        shelved is not None
        and record is not None
        and shelved.agreed is not None
        and shelved.agreed.version == record.version
        and shelved.agreed.commitment == record.commitment
    )


def _taken_away(shelved: ShelvedList, index: int) -> StatusValue | None:
    """What a newer list takes away; that it calls an entry valid means nothing until the ledger has it."""
    if shelved.newer is None:
        return None
    value = _value(shelved.newer.statuses, index)
    return None if value is StatusValue.VALID else value


def _value(statuses: StatusList, index: int) -> StatusValue:
    try:
        return statuses.get(index)
    except Malformed as error:
        raise Rejected(
            Reason.STATUS_INVALID, "expected an index within the list and a value that we know"
        ) from error
