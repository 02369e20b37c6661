from dataclasses import replace
from datetime import UTC, datetime

import pytest

from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Address, Vct
from passport.registry import (
    AnchorRecord,
    BlockRef,
    Grant,
    ParticipantKey,
    Role,
    StatusRecord,
    schema_id,
    schema_ids,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T1 = datetime(2027, 1, 1, tzinfo=UTC)
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
BANK = Address("0x" + "ab" * 20)
H = bytes(32)
BLOCK = BlockRef(number=7, hash=H, time=T0)
GRANT = Grant(
    number=0, participant=BANK, role=Role.ISSUER, schema=H, valid_from=T0, valid_until=T1, evidence_hash=H
)
KEY = ParticipantKey(thumbprint=H, valid_from=T0)
ANCHOR = AnchorRecord(issuer=BANK, schema=H, grant_number=0, root=H, size=64, block=BLOCK)
STATUS = StatusRecord(issuer=BANK, list_id=H, commitment=H, version=1, fresh_until=T1, block=BLOCK)


@pytest.mark.parametrize("number", [-1])
def test_block_numbers_are_not_negative(number: int) -> None:
    with pytest.raises(Malformed, match="block number"):
        replace(BLOCK, number=number)


def test_block_time_has_a_timezone_and_hash_32_bytes() -> None:
    with pytest.raises(Malformed, match="block time"):
        replace(BLOCK, time=NAIVE)
    with pytest.raises(Malformed, match="expected 32 bytes, got 31"):
        replace(BLOCK, hash=bytes(31))


def test_grant_is_refused_with_one_part_spoiled() -> None:
    with pytest.raises(Malformed, match="grant number"):
        replace(GRANT, number=-1)
    with pytest.raises(Malformed, match="schema"):
        replace(GRANT, schema=b"")
    with pytest.raises(Malformed, match="evidence hash"):
        replace(GRANT, evidence_hash=b"")
    with pytest.raises(Malformed, match="withdrawn from"):
        replace(GRANT, withdrawn_from=NAIVE)


def test_key_anchor_and_status_are_refused_with_one_part_spoiled() -> None:
    with pytest.raises(Malformed, match="thumbprint"):
        replace(KEY, thumbprint=b"")
    with pytest.raises(Malformed, match="stolen since"):
        replace(KEY, stolen_since=NAIVE)
    with pytest.raises(Malformed, match="one leaf or more"):
        replace(ANCHOR, size=0)
    with pytest.raises(Malformed, match="version"):
        replace(STATUS, version=0)


def test_our_three_credential_types_have_distinct_schema_ids() -> None:
    ids = {schema_id(vct) for vct in (PROOF_OF_FUNDS, PASSPORT_IDENTITY, ACCOUNT_OWNERSHIP)}
    assert ids == set(schema_ids().values())
    assert len(ids) == 3


def test_a_foreign_credential_type_has_no_schema_id() -> None:
    with pytest.raises(Rejected) as caught:
        schema_id(Vct("urn:eudi:pid:1"))
    assert caught.value.reason is Reason.SCHEMA_INVALID
