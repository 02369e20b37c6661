"""Consent receipts: what the person agreed to, signed by the wallet itself, kept in its history (domain section 9).

The key is derived from the recovery phrase and shown to nobody, so a receipt proves to its owner, years later, that
nothing in it was changed. Leaves out a receipt from the verifier, which OpenID4VP does not give.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from holder.consent import ConsentView
from passport.clock import to_epoch
from passport.jose import PublicJwk, Signer
from passport.keys import TokenType, sign_token, verify_token
from passport.strict_json import JsonObject, JsonValue


def write_receipt(view: ConsentView, *, signer: Signer, at: datetime, body: bytes) -> str:
    """The receipt for an answer that is about to be sent."""
    credentials: list[JsonValue] = [
        {
            "title": credential.title.en,
            "issuer": credential.issuer_url,
            "shown": [".".join(str(part) for part in claim.place) for claim in credential.shown],
            "hidden": [label.en for label in credential.hidden],
        }
        for credential in view.credentials
    ]
    payload: JsonObject = {
        "iat": to_epoch(at),
        "verifier": view.verifier_did,
        "verifier_name": {"en": view.verifier_name.en, "zh-TW": view.verifier_name.zh_tw},
        "country": view.country,
        "purpose": {"en": view.purpose.en, "zh-TW": view.purpose.zh_tw},
        "categories": [each.en for each in view.categories],
        "retention": view.retention.en,
        "retention_days": view.retention_days,
        "recipients": view.recipients.en,
        "rights": view.rights.en,
        "if_refused": view.if_refused.en,
        "asks_hub": view.asks_hub,
        "answers_to": view.answers_to,
        "credentials": credentials,
        "reused_key_seen_by": None if view.reuse is None else view.reuse.seen_by_did,
        "ledger_checked_at": to_epoch(view.checked_at),
        "answer_sha256": hashlib.sha256(body).hexdigest(),
    }
    return sign_token(kind=TokenType.CONSENT_RECEIPT, payload=payload, signer=signer)


def read_receipt(receipt: str, key: PublicJwk) -> JsonObject:
    """What a receipt says.

    Raises:
        Malformed, Rejected: it is not this wallet's, or was changed.
    """
    return verify_token(receipt, kind=TokenType.CONSENT_RECEIPT, key=key).payload
