"""A bank speaks for itself only: what a credential says about its issuer is what that issuer registered (threat T19).

Only what was disclosed is compared. A name that cannot be compared, because the registration is not here, is *could not
tell*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from passport.errors import Reason, Rejected
from passport.registry import IssuerRegistration
from verifier.evidence import AuthenticCredential

_NAMES: Final = ("legal_name_en", "legal_name_zh", "lei", "bic", "bank_code", "country")


def own_name_doubts(
    credential: AuthenticCredential, registration: IssuerRegistration | None
) -> tuple[Reason, ...]:
    """Nothing, if the credential names its own bank or none.

    Raises:
        Rejected: ISSUER_MISMATCH, it names another.
    """
    said = credential.claims.get("issuer")
    shown = {name: said[name] for name in _NAMES if name in said} if isinstance(said, Mapping) else {}
    if not shown:
        return ()
    if registration is None:
        return (Reason.ISSUER_NAME_UNCHECKED,)
    registered = {
        "legal_name_en": registration.legal_name.en,
        "legal_name_zh": registration.legal_name.zh_tw,
        "lei": registration.lei,
        "bic": registration.bic,
        "bank_code": registration.bank_code,
        "country": registration.country,
    }
    if any(value != registered[name] for name, value in shown.items()):
        raise Rejected(Reason.ISSUER_MISMATCH, "expected a credential about the bank that signed it")
    return ()
