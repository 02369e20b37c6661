"""A directory as text for the wallet file, so that a day without the ledger is not a day without a wallet."""

from __future__ import annotations

from datetime import datetime

from holder.directory import Directory, Participant
from passport import strict_json
from passport.identifiers import DidEthr
from passport.messages import Message
from passport.registry import Grant, ParticipantKey, Role
from passport.strict_json import Limits

_LIMITS = Limits(size=4 << 20)


class _Grant(Message):
    number: int
    role: Role
    schema_hex: str
    valid_from: datetime
    valid_until: datetime
    evidence_hex: str
    suspended: bool
    withdrawn_from: datetime | None = None


class _Key(Message):
    thumbprint_hex: str
    valid_from: datetime
    valid_until: datetime | None = None
    stolen_since: datetime | None = None


class _Participant(Message):
    did: str
    grants: tuple[_Grant, ...]
    keys: tuple[_Key, ...]
    endpoints: dict[str, str]


class _Directory(Message):
    as_of: datetime
    block_number: int
    participants: tuple[_Participant, ...]
    roots_hex: tuple[str, ...]


def write_directory(directory: Directory) -> str:
    """The text that ``read_directory`` reads."""
    kept = _Directory(
        as_of=directory.as_of,
        block_number=directory.block_number,
        participants=tuple(_write(each) for each in directory.participants),
        roots_hex=tuple(sorted(root.hex() for root in directory.roots)),
    )
    return strict_json.dumps(kept.to_object()).decode()


def read_directory(text: str) -> Directory:
    """The directory.

    Raises:
        Malformed: it was not written by ``write_directory``.
    """
    kept = _Directory.read(strict_json.loads(text, _LIMITS))
    return Directory(
        kept.as_of,
        kept.block_number,
        tuple(_read(each) for each in kept.participants),
        frozenset(bytes.fromhex(root) for root in kept.roots_hex),
    )


def _write(participant: Participant) -> _Participant:
    return _Participant(
        did=str(participant.did),
        grants=tuple(
            _Grant(
                number=grant.number,
                role=grant.role,
                schema_hex=grant.schema.hex(),
                valid_from=grant.valid_from,
                valid_until=grant.valid_until,
                evidence_hex=grant.evidence_hash.hex(),
                suspended=grant.suspended,
                withdrawn_from=grant.withdrawn_from,
            )
            for grant in participant.grants
        ),
        keys=tuple(
            _Key(
                thumbprint_hex=key.thumbprint.hex(),
                valid_from=key.valid_from,
                valid_until=key.valid_until,
                stolen_since=key.stolen_since,
            )
            for key in participant.keys
        ),
        endpoints=dict(participant.endpoints),
    )


def _read(kept: _Participant) -> Participant:
    did = DidEthr.parse(kept.did)
    return Participant(
        did,
        tuple(
            Grant(
                grant.number,
                did.address,
                grant.role,
                bytes.fromhex(grant.schema_hex),
                grant.valid_from,
                grant.valid_until,
                bytes.fromhex(grant.evidence_hex),
                grant.suspended,
                grant.withdrawn_from,
            )
            for grant in kept.grants
        ),
        tuple(
            ParticipantKey(
                bytes.fromhex(key.thumbprint_hex), key.valid_from, key.valid_until, key.stolen_since
            )
            for key in kept.keys
        ),
        dict(kept.endpoints),
    )
