"""Writes bank A's core banking file: its customers, their accounts and a year of closing balances.

The file's form belongs to ``issuer.remote.bank_file``. All customers of a sandbox sign in with one password, random per
installation and hashed once (argon2id is slow on purpose); each has a one-time-code secret of their own.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from sandbox.keys import new_bearer_token, write_secret
from sandbox.world import BANK_A, Account, Customer, Institution, World

APPROVAL_LIMIT_USD_MINOR = 50_000_000
OFFICERS = (
    ("officer-1", "Officer One", "staff-0001"),
    ("officer-2", "Officer Two", "staff-0002"),
)
"""Id, name, and the person behind the id."""
_OTP_BYTES = 20
_USD_PER_SGD_MICRO = 760_000


@dataclass(frozen=True, slots=True)
class SignIn:
    """How the sandbox's customers sign in at their bank."""

    password: str
    password_hash: str
    otp_secrets: dict[str, str]


def new_sign_in(world: World) -> SignIn:
    """A password for everybody and a one-time-code secret for each."""
    password = secrets.token_urlsafe(12)
    otp = {c.key: base64.b32encode(secrets.token_bytes(_OTP_BYTES)).decode() for c in world.customers}
    return SignIn(password, PasswordHasher().hash(password), otp)


def write_bank_file(path: Path, world: World, sign_in: SignIn) -> None:
    """Write the file anew (mode 0600: it is a bank's core system in small)."""
    document = {
        "version": 1,
        "bank": describe(BANK_A),
        "officers": [{"id": key, "name": name, "person": person} for key, name, person in OFFICERS],
        "approval_limit_usd_minor": APPROVAL_LIMIT_USD_MINOR,
        "first_day": world.first_day.isoformat(),
        "usd_micro": {"TWD": list(world.usd_per_twd_micro)},
        "customers": [_customer(one, sign_in) for one in world.customers],
    }
    path.unlink(missing_ok=True)
    write_secret(path, json.dumps(document, ensure_ascii=False).encode())


def write_officer_tokens(folder: Path) -> None:
    """A token for every officer of a bank who has none yet."""
    for key, _, _ in OFFICERS:
        path = folder / f"{key}.token"
        if not path.exists():
            new_bearer_token(path)


def write_officers(path: Path) -> None:
    """Who the officers of a bank abroad are; written anew."""
    officers = [{"id": key, "name": name, "person": person} for key, name, person in OFFICERS]
    path.unlink(missing_ok=True)
    write_secret(path, json.dumps(officers).encode())


def write_empty_bank_file(path: Path, bank: Institution, world: World) -> None:
    """A bank without customers of its own yet, as bank X is when the journey begins."""
    document = {
        "version": 1,
        "bank": describe(bank),
        "officers": [{"id": key, "name": name, "person": person} for key, name, person in OFFICERS],
        "approval_limit_usd_minor": APPROVAL_LIMIT_USD_MINOR,
        "first_day": world.first_day.isoformat(),
        "usd_micro": {"SGD": [_USD_PER_SGD_MICRO] * len(world.usd_per_twd_micro)},
        "customers": [],
    }
    path.unlink(missing_ok=True)
    write_secret(path, json.dumps(document, ensure_ascii=False).encode())


def describe(bank: Institution) -> dict[str, str]:
    """The bank as its own credentials name it."""
    return {
        "name_en": bank.name_en,
        "name_zh": bank.name_zh,
        "lei": str(bank.lei),
        "bic": str(bank.bic),
        "bank_code": bank.bank_code,
        "country": str(bank.country),
        "licence": bank.licence,
        "contact": bank.contact,
    }


def _customer(customer: Customer, sign_in: SignIn) -> dict[str, object]:
    return {
        "key": customer.key,
        "person_id": customer.national_id,
        "name_latin": customer.name_latin,
        "name_zh": customer.name_zh,
        "birth_date": customer.birth_date.isoformat(),
        "nationality": customer.nationality,
        "document": {
            "type": "passport",
            "country": "TW",
            "expires_on": customer.document_expires_on.isoformat(),
        },
        "assurance_level": "high",
        "customer_since": customer.customer_since.isoformat(),
        "password_hash": sign_in.password_hash,
        "otp_secret": sign_in.otp_secrets[customer.key],
        "accounts": [_account(one) for one in customer.accounts],
    }


def _account(account: Account) -> dict[str, object]:
    return {
        "scheme": "TW",
        "bank_code": account.bank_code,
        "branch": account.branch,
        "number": account.number,
        "kind": account.kind,
        "currency": account.currency,
        "ownership": account.ownership,
        "opened_on": account.opened_on.isoformat(),
        "closing_minor": list(account.closing_minor),
    }
