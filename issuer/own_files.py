"""The files that are the bank's own: its identity's key and certificate, its staff's tokens, its registration, its pepper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from issuer.copy_writing import IssuerIdentity
from issuer.ports import Accounts
from issuer.settings import IssuerSettings
from passport import strict_json
from passport.clock import Entropy
from passport.errors import Malformed, Misconfigured
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.registry import IssuerRegistration
from passport.strict_json import JsonObject, as_object
from service.key_files import (
    load_certificates,
    load_p256_key,
    load_secret,
    load_secret_text,
    read_file,
    save_secret,
)
from service.officers import read_officer_tokens

ANCHOR_REGISTRY: Final = "AnchorRegistry"
_PEPPER_BYTES: Final = 32


def identity_of(settings: IssuerSettings) -> IssuerIdentity:
    """Who this bank is on the wire.

    Raises:
        Misconfigured: a setting, key or certificate is wrong.
    """
    try:
        did = DidEthr.parse(settings.did)
        for address in settings.contracts.values():
            Address(address)
    except Malformed as error:
        raise Misconfigured(f"ISSUER_DID, ISSUER_CONTRACTS: {error}") from error
    if did.chain_id != settings.chain_id or ANCHOR_REGISTRY not in settings.contracts:
        raise Misconfigured("expected ISSUER_DID on ISSUER_CHAIN_ID, and AnchorRegistry in ISSUER_CONTRACTS")
    signer = PrivateKeySigner(load_p256_key(settings.signing_key, "signing key"))
    return IssuerIdentity(
        settings.base_url, did, signer, load_certificates(settings.certificate, "certificate")
    )


def staff_tokens(settings: IssuerSettings, bank: Accounts) -> tuple[str, Mapping[str, str]]:
    """The operator's token, and each officer's by the officer's id.

    Raises:
        Misconfigured: a file cannot be read or is not private, is no officer's, or two of them hold one token.
    """
    operator = load_secret_text(settings.operator_token, "operator token")
    known = [one.id for one in bank.officers()]
    return operator, read_officer_tokens(settings.officer_tokens, known, [operator])


def registration(settings: IssuerSettings) -> JsonObject | None:
    """What the bank registered, where it shows that.

    Raises:
        Misconfigured: it cannot be read, or it is another's.
    """
    if settings.registration is None:
        return None
    try:
        document = as_object(strict_json.loads(read_file(settings.registration, "issuer registration")))
        registered = IssuerRegistration.read(document)
    except Malformed as error:
        raise Misconfigured(f"issuer registration: {error}") from error
    if (DidEthr.parse(registered.did), registered.base_url) != (
        DidEthr.parse(settings.did),
        settings.base_url,
    ):
        raise Misconfigured(
            "issuer registration: expected this bank's own, of ISSUER_DID and ISSUER_BASE_URL"
        )
    return document


def pepper(path: Path, entropy: Entropy) -> bytes:
    """The key of everything that is stored as a keyed hash; made at the first start.

    Raises:
        Misconfigured: it cannot be read or written.
    """
    if not path.exists():
        save_secret(path, entropy.token(_PEPPER_BYTES))
    return load_secret(path, "pepper")
