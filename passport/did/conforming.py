"""DID documents as pydid models them: what DID Core does not allow is refused when a document is made.

The recovery method is declared again, because pydid's own class of that name returns a plain dict under today's
pydantic, which pydid then refuses itself.
"""

from __future__ import annotations

from typing import Literal

from pydid import BasicDIDDocument, DIDUrl, Service, VerificationMethod  # type: ignore[import-untyped]
from pydid.verification_method import JsonWebKey2020, Multikey  # type: ignore[import-untyped]

from passport import strict_json
from passport.strict_json import JsonObject


class RecoveryMethod(VerificationMethod):  # type: ignore[misc]  # pydid ships no types
    """A secp256k1 key known by its account."""

    type: Literal["EcdsaSecp256k1RecoveryMethod2020"]
    blockchain_account_id: str


class EthrDocument(BasicDIDDocument):  # type: ignore[misc]  # pydid ships no types
    """The document of a did:ethr: three kinds of key, and services."""

    verification_method: list[RecoveryMethod | JsonWebKey2020 | Multikey] | None = None
    authentication: list[DIDUrl] | None = None
    assertion_method: list[DIDUrl] | None = None
    service: list[Service] | None = None


def conforming(document: JsonObject) -> JsonObject:
    """The document, read and written by pydid.

    Raises:
        ValueError: DID Core does not allow it; then the one who assembled it is wrong.
    """
    plain = strict_json.loads(strict_json.dumps(document))
    written: JsonObject = EthrDocument.deserialize(plain).serialize()
    return written
