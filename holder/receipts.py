"""Consent receipts: what the person agreed to, signed by the wallet itself, kept in its history (domain section 9).

The key is derived from the recovery phrase and shown to nobody, so a receipt proves to its owner, years later, that
nothing in it was changed. Words stand in it in both languages; receipts of earlier versions hold some in English only. Leaves out a receipt from the verifier, which OpenID4VP does not give.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from holder.consent import ConsentView
from passport.clock import to_epoch
from passport.jose import PublicJwk, Signer
from passport.keys import TokenType, sign_token, verify_token
from passport.registry import Words
from passport.strict_json import JsonObject, JsonValue


def write_receipt(
    view: ConsentView, *, signer: Signer, at: datetime, body: bytes, key: PublicJwk | None = None
) -> str:
    """The receipt for an answer that is about to be sent; ``key`` is the holder key that the verifier gets to know.

    It stands there as its RFC 7638 thumbprint in hexadecimal, which is all that ``cnf`` shows of the person.
    """
    credentials: list[JsonValue] = [
        {
            "reference": credential.reference,
            "title": _both(credential.title),
            "issuer": credential.issuer_url,
            "shown": [".".join(str(part) for part in claim.place) for claim in credential.shown],
            "shown_labels": [_both(claim.label) for claim in credential.shown],
            "hidden": [_both(label) for label in credential.hidden],
        }
        for credential in view.credentials
    ]
    payload: JsonObject = {
        "iat": to_epoch(at),
        "verifier": view.verifier_did,
        "verifier_name": _both(view.verifier_name),
        "verifier_lei": view.verifier_lei,
        "verifier_contact": view.verifier_contact,
        "key": None if key is None else key.thumbprint().hex(),
        "country": view.country,
        "purpose": _both(view.purpose),
        "categories": [_both(each) for each in view.categories],
        "retention": _both(view.retention),
        "retention_days": view.retention_days,
        "recipients": _both(view.recipients),
        "rights": _both(view.rights),
        "if_refused": _both(view.if_refused),
        "asks_hub": view.asks_hub,
        "answers_to": view.answers_to,
        "credentials": credentials,
        "reused_key_seen_by": None if view.reuse is None else view.reuse.seen_by_did,
        "ledger_checked_at": to_epoch(view.checked_at),
        "answer_sha256": hashlib.sha256(body).hexdigest(),
    }
    return sign_token(kind=TokenType.CONSENT_RECEIPT, payload=payload, signer=signer)


def _both(said: Words) -> JsonValue:
    """In both languages: the one who reads it years later may speak the other."""
    return {"en": said.en, "zh-TW": said.zh_tw}


def read_receipt(receipt: str, key: PublicJwk) -> JsonObject:
    """What a receipt says.

    Raises:
        Malformed, Rejected: it is not this wallet's, or was changed.
    """
    return verify_token(receipt, kind=TokenType.CONSENT_RECEIPT, key=key).payload
