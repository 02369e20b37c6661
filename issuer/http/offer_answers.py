"""An offer as the customer or the operator gets it: the link, the transaction code, and its state."""

from __future__ import annotations

from typing import Final

from fastapi.responses import JSONResponse

from issuer.codes import TX_CODE_DIGITS
from issuer.offer import OfferState
from issuer.use_cases.make_offer import MadeOffer
from passport.openid4vci.names import InputMode
from passport.openid4vci.offer import (
    CredentialOffer,
    Grants,
    OfferLink,
    PreAuthorizedGrant,
    TransactionCodeRule,
)

_WORDS: Final = {OfferState.QUEUED: "waiting"}


def offer_answer(issuer_url: str, made: MadeOffer) -> JSONResponse:
    """The JSON answer. A customer is not told why an offer waits, only that it does (threats.md T39)."""
    content: dict[str, str] = {
        "offer_id": made.offer.id,
        "state": _WORDS.get(made.offer.state, made.offer.state.value),
        "statement_digest": made.offer.statement_digest,
    }
    if made.secrets is not None:
        offer = CredentialOffer(
            credential_issuer=issuer_url,
            credential_configuration_ids=tuple(one.value for one in made.offer.configurations),
            grants=Grants(
                pre_authorized=PreAuthorizedGrant(
                    pre_authorized_code=made.secrets.code,
                    tx_code=TransactionCodeRule(input_mode=InputMode.NUMERIC, length=TX_CODE_DIGITS),
                )
            ),
        )
        content["state"] = OfferState.OFFERED.value
        content["offer"] = OfferLink(offer).to_uri()
        content["tx_code"] = made.secrets.tx_code
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
