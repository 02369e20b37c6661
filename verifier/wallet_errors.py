"""What a wallet's error says (OpenID4VP 1.0 section 8.5): only one of its codes is the holder's own no.

The others are the wallet's, or the bank's own fault in asking; the record keeps the code, so that whoever reads it can tell
them apart. The description is a stranger's text and goes nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from passport.errors import Reason, Rejected
from passport.openid4vp import ErrorResponse
from passport.openid4vp.names import ErrorCode
from verifier.answers import StepRefusal

_WORDS: Final[Mapping[Reason, str]] = {
    Reason.HOLDER_DECLINED: "expected an answer; the holder did not agree, or has no such credential",
    Reason.WALLET_UNAVAILABLE: "expected an answer; the wallet could not give one now",
    Reason.WALLET_REFUSED_REQUEST: "expected an answer; the wallet did not accept the request",
    Reason.WALLET_ERROR: "expected an answer; the wallet gave a code that OpenID4VP does not name",
}
WALLET_ERROR_FACT: Final = "wallet_error"


def refusal_of(error: ErrorResponse) -> StepRefusal:
    """The refusal that a wallet's error means, with its code for the record."""
    reason = _reason(error.code)
    return StepRefusal(Rejected(reason, _WORDS[reason]), {WALLET_ERROR_FACT: error.shown_code})


def _reason(code: ErrorCode | None) -> Reason:
    match code:
        case None:
            return Reason.WALLET_ERROR
        case ErrorCode.ACCESS_DENIED:
            return Reason.HOLDER_DECLINED
        case ErrorCode.WALLET_UNAVAILABLE | ErrorCode.SERVER_ERROR | ErrorCode.TEMPORARILY_UNAVAILABLE:
            return Reason.WALLET_UNAVAILABLE
        case _:
            return Reason.WALLET_REFUSED_REQUEST
