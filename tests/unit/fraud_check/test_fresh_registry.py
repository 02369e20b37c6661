from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from fraud_check.fresh_registry import MAX_AGE, FreshRegistry
from passport.errors import Reason, Unavailable
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey, Role

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO = Address("0x" + "11" * 20)


class _Followed:
    def __init__(self, seen: datetime | None) -> None:
        self.last_seen_at = seen

    def signing_key(self, _who: Address, thumbprint: bytes) -> ParticipantKey | None:
        return ParticipantKey(thumbprint, NOW)

    def grants(self, _who: Address, _role: Role, _schema: bytes | None = None) -> Sequence[Grant]:
        return ()

    def trusted_roots(self) -> frozenset[bytes]:
        return frozenset({b"r" * 32})


class _Noon:
    def now(self) -> datetime:
        return NOW


def test_ledger_seen_within_the_limit_is_believed() -> None:
    registry = FreshRegistry(_Followed(NOW - MAX_AGE), _Noon())
    assert registry.signing_key(WHO, b"t" * 32) is not None
    assert registry.trusted_roots()
    assert registry.grants(WHO, Role.MEMBER) == ()


@pytest.mark.parametrize("seen", [None, NOW - MAX_AGE - timedelta(seconds=1)])
def test_ledger_not_seen_for_too_long_vouches_for_nobody(seen: datetime | None) -> None:
    registry = FreshRegistry(_Followed(seen), _Noon())
    for ask in (
        lambda: registry.signing_key(WHO, b"t" * 32),
        lambda: registry.grants(WHO, Role.POLICE),
        registry.trusted_roots,
    ):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert refused.value.reason is Reason.LEDGER_UNAVAILABLE
