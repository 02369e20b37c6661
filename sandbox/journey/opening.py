"""Step 14: bank X opened the account, and gives the holder a credential about it."""

from __future__ import annotations

import secrets

from passport.identifiers import ACCOUNT_OWNERSHIP
from passport.jose import parse_compact
from passport.sd_jwt import parse, verify_issuer
from passport.strict_json import get_text
from passport.x509 import verify_x5c, x5c_from_header
from sandbox.journey.stage import Stage
from sandbox.journey.step import Evidence, Step, require, text_of


def issue_ownership(stage: Stage) -> Evidence:
    """Bank X's own issuer offers an account-ownership credential; the wallet takes it."""
    offer = stage.bank_x_issuer.post(
        "/v1/operator/offers",
        {
            "customer": get_text(stage.application, "id"),
            "credentials": ["account-ownership"],
            "account": {
                "number": f"MQB{secrets.randbelow(10**10):010d}",
                "currency": "USD",
                "ownership": "sole",
                "opened_on": stage.now().date().isoformat(),
            },
        },
    )
    with stage.wallet() as wallet:
        (saved,) = wallet.accept(get_text(offer, "offer"), get_text(offer, "tx_code"))
        stage.ownership_copies = wallet.export(saved.reference)
    return Evidence(
        "credential", stage.ownership_copies[0].encode(), "the account at bank X, now in the wallet"
    )


def check_ownership(stage: Stage, evidence: Evidence) -> None:
    """Bank X signed it, under a grant of its own for account ownership."""
    received = parse(text_of(evidence))
    header = parse_compact(received.issuer_jwt_text).unverified_header
    chain = verify_x5c(x5c_from_header(header), roots=stage.roots, at=stage.now())
    verified = verify_issuer(received, chain.leaf_jwk)
    bank = stage.standing.accreditation.dids["bank_x"]
    require(get_text(verified.claims, "vct") == ACCOUNT_OWNERSHIP, "an account-ownership credential")
    require(str(bank) in chain.san_uris, "bank X's certificate")
    require(stage.ledger.signing_key(bank.address, chain.leaf_jwk.thumbprint()) is not None, "bank X's key")
    with stage.wallet() as wallet:
        copies = [text for one in wallet.list() for text in wallet.export(one.reference)]
    require(text_of(evidence) in copies, "a copy that the wallet keeps, with all its disclosures")


STEPS = (
    Step("14", "bank X → wallet", "issues an account-ownership credential", issue_ownership, check_ownership),
)
