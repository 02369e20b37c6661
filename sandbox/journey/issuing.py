"""Steps 3 and 6: the holder signs in at bank A, asks for a proof of funds, and takes it into the wallet."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from outbound import JsonInterface
from passport import strict_json
from passport.errors import Misconfigured
from passport.fraud import Verdict, VerdictClass, open_sealed
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.jose import parse_compact
from passport.keys import TokenType
from passport.sd_jwt import check_validity, parse, verify_issuer
from passport.strict_json import JsonObject, get_text
from passport.x509 import verify_x5c, x5c_from_header
from sandbox.journey.stage import Stage
from sandbox.journey.step import Evidence, Step, document_of, require, text_of

_OTP_STEP = 30
_OTP_DIGITS = 6


def one_time_code(secret: str, at: float) -> str:
    """The code that the customer's device shows (RFC 6238)."""
    device = TOTP(base64.b32decode(secret), _OTP_DIGITS, SHA1(), _OTP_STEP, enforce_key_length=False)  # noqa: S303 - RFC 6238's default
    return device.generate(int(at)).decode()


def ask_for_offer(stage: Stage) -> Evidence:
    """Password and one-time code, then an offer for identity and proof of funds."""
    sign_in = stage.standing.sign_in
    url = stage.standing.installation.bank_a.base_url
    session = JsonInterface(url, "", who="bank A").post(
        "/v1/sessions",
        {
            "customer": stage.person,
            "password": sign_in.password,
            "otp": one_time_code(sign_in.otp_secrets[stage.person], stage.now().timestamp()),
        },
    )
    stage.customer = JsonInterface(url, get_text(session, "session"), who="bank A")
    offer = stage.customer.post("/v1/offers", {"credentials": ["proof-of-funds", "identity"]})
    stage.offer_link, stage.tx_code = get_text(offer, "offer"), get_text(offer, "tx_code")
    stage.offer_id = get_text(offer, "offer_id")
    shown: JsonObject = {"offer_id": stage.offer_id, "state": get_text(offer, "state")}
    return Evidence(
        "offer", strict_json.canonical(shown), "an offer, and a transaction code by another channel"
    )


def check_offer(stage: Stage, evidence: Evidence) -> None:
    """The bank itself knows this offer and says that it is open."""
    said = document_of(evidence)
    require(get_text(said, "state") == "offered", "an offer that is open")
    with stage.wallet() as wallet:
        view = wallet.read_offer(stage.offer_link)
    require(view.issuer_did == str(stage.standing.accreditation.dids["bank_a"]), "an offer of bank A's")
    known = _customer(stage).get(f"/v1/offers/{get_text(said, 'offer_id')}")
    require(get_text(known, "state") == "offered", "an offer that the bank knows")


def _customer(stage: Stage) -> JsonInterface:
    if stage.customer is None:
        raise Misconfigured("expected the holder to be signed in")
    return stage.customer


def accept_offer(stage: Stage) -> Evidence:
    """The wallet proves fresh keys and gets copies, each bound to a key of its own."""
    with stage.wallet() as wallet:
        saved = wallet.accept(stage.offer_link, stage.tx_code)
        stage.credential_references = tuple(one.reference for one in saved)
        funds = next(one for one in saved if one.type == PROOF_OF_FUNDS)
        stage.funds_copies = wallet.export(funds.reference)
    copies = sum(len(one.copies) for one in saved)
    return Evidence(
        "credential",
        stage.funds_copies[0].encode(),
        f"{copies} copies of {len(saved)} credentials, each for its own key",
    )


def check_credential(stage: Stage, evidence: Evidence) -> None:
    """Bank A signed it, by a key under the consortium's root that the ledger has for bank A; the wallet kept it."""
    received = parse(text_of(evidence))
    header = parse_compact(received.issuer_jwt_text).unverified_header
    chain = verify_x5c(x5c_from_header(header), roots=stage.roots, at=stage.now())
    verified = verify_issuer(received, chain.leaf_jwk)
    check_validity(verified.claims, stage.now())
    bank = stage.standing.accreditation.dids["bank_a"]
    require(get_text(verified.claims, "vct") == PROOF_OF_FUNDS, "a proof of funds")
    require(str(bank) in chain.san_uris, "bank A's certificate")
    require(stage.ledger.signing_key(bank.address, chain.leaf_jwk.thumbprint()) is not None, "bank A's key")
    with stage.wallet() as wallet:
        kept = wallet.list()
        (funds,) = (one for one in kept if one.type == PROOF_OF_FUNDS)
        copies = wallet.export(funds.reference)
    require(
        {one.type for one in kept} == {PROOF_OF_FUNDS, PASSPORT_IDENTITY}, "both credentials in the wallet"
    )
    require(text_of(evidence) in copies, "a copy that the wallet keeps, with all its disclosures")


def ask_hub(stage: Stage) -> Evidence:
    """What bank A kept of asking the hub before it made the offer."""
    offer = stage.bank_a.get(f"/v1/operator/offers/{stage.offer_id}")
    verdict = get_text(offer, "fraud_verdict")
    return Evidence(
        "verdict", verdict.encode(), "nothing is known against the account; handles are registered"
    )


def check_verdict(stage: Stage, evidence: Evidence) -> None:
    """The hub signed it for bank A, and it says clear."""
    dids = stage.standing.accreditation.dids
    opened = open_sealed(
        text_of(evidence), typ=TokenType.FRAUD_VERDICT, kind=Verdict, keys=stage.ledger, audience=dids["bank_a"],
        at=stage.now(),
    )  # fmt: skip
    require(opened.signer == dids["hub"], "the hub's signature")
    require(opened.message.verdict_class is VerdictClass.CLEAR, "the class clear")


def compute_figures(stage: Stage) -> Evidence:
    """The statement's digest: what an officer approves where one must, over every figure of every account."""
    offer = stage.bank_a.get(f"/v1/operator/offers/{stage.offer_id}")
    digest = get_text(offer, "statement_digest")
    return Evidence(
        "statement digest", digest.encode(), "over every figure of the holder's accounts, as of now"
    )


def check_figures(stage: Stage, evidence: Evidence) -> None:
    """It is the digest that the customer was told when the offer was made."""
    told = _customer(stage).get(f"/v1/offers/{stage.offer_id}")
    require(text_of(evidence) == get_text(told, "statement_digest"), "the digest that the customer was told")


STEPS = (
    Step("3", "holder → bank A", "signs in and asks for a proof of funds", ask_for_offer, check_offer),
    Step(
        "4",
        "bank A → hub",
        "asks about the account before it offers, registers handles",
        ask_hub,
        check_verdict,
    ),
    Step("5", "bank A", "computes the figures from its books", compute_figures, check_figures),
    Step("6", "bank A → wallet", "issues identity and proof of funds", accept_offer, check_credential),
)
