from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

TODAY: Final = date(2026, 11, 20)
NOON: Final = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAYS: Final = 366


class FixedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def _account(number: str, currency: str, balance: int, **more: object) -> dict[str, object]:
    return {
        "scheme": "TW", "bank_code": "899", "branch": "0001", "number": number, "kind": "demand_deposit",
        "currency": currency, "ownership": "sole", "opened_on": "2015-03-01", "closing_minor": [balance] * DAYS,
        **more,
    }  # fmt: skip


def _customer(key: str, accounts: list[dict[str, object]]) -> dict[str, object]:
    return {
        "key": key, "person_id": f"SB-{key}", "name_latin": f"{key.upper()} MEI-HUI", "name_zh": "林美惠",
        "birth_date": "1985-04-02", "nationality": "TW",
        "document": {"type": "passport", "country": "TW", "expires_on": "2031-01-31"},
        "assurance_level": "high", "customer_since": "2015-03-01",
        # argon2id of "correct horse", with the cheapest parameters that the library takes
        "password_hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$" + "x", "otp_secret": "JBSWY3DPEHPK3PXP",
        "accounts": accounts,
    }  # fmt: skip


_BANK_FILE: Final[dict[str, Any]] = {
    "version": 1,
    "bank": {
        "name_en": "Blue Magpie Commercial Bank", "name_zh": "藍鵲商業銀行", "lei": "00SB00BLUEMAGPIE0009",
        "bic": "BMCBTWTP", "bank_code": "899", "country": "TW", "licence": "SANDBOX-TW-899",
        "contact": "letters@blue-magpie.example",
    },
    "officers": [{"id": "wu", "name": "WU I-CHEN"}, {"id": "kao", "name": "KAO MING"}],
    "approval_limit_usd_minor": 50_000_000,
    "first_day": (TODAY - timedelta(days=DAYS - 1)).isoformat(),
    "usd_micro": {"TWD": [31_700] * DAYS},
    "customers": [
        _customer("lin", [_account("000012345678", "TWD", 325_000_000), _account("000012349999", "USD", 4_200_000)]),
        _customer("liao", [_account("000098765432", "TWD", 7_300_000_000)]),
        _customer("chen", [_account("000055555555", "TWD", 64_000_000)]),
    ],
}  # fmt: skip


@pytest.fixture
def bank_file() -> dict[str, Any]:
    return copy.deepcopy(_BANK_FILE)


Spoil = Callable[[dict[str, Any]], None]
