"""Steps 8 to 13: bank X asks, the holder consents and presents, bank X verifies and decides."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, urlsplit

from passport.fraud import Verdict, VerdictClass, open_sealed
from passport.keys import TokenType, verify_token
from passport.openid4vp.request_signing import verify_request
from passport.openid4vp.response import EncryptedResponse, read_response
from passport.registry import Role
from passport.strict_json import JsonObject, as_array, as_object, get_array, get_text
from passport.x509 import certificates_from_pem, verify_x5c
from sandbox.journey.stage import Stage
from sandbox.journey.step import Evidence, Step, require, text_of

REQUEST_TYPE = "application/oauth-authz-req+jwt"


def open_application(stage: Stage) -> Evidence:
    """Bank X opens an application and shows a signed request."""
    stage.application = stage.bank_x.post("/v1/applications", {"policy": "account-opening"})
    query = parse_qs(urlsplit(get_text(stage.application, "request")).query)
    answer = stage.http.get(query["request_uri"][0], accept=(REQUEST_TYPE,))
    require(answer.ok, "the request object at its address")
    return Evidence("request object", answer.body, "who asks, what for, and how long it is kept: signed")


def check_request(stage: Stage, evidence: Evidence) -> None:
    """An accredited verifier signed it, and its registration is the one the ledger vouches for."""
    query = parse_qs(urlsplit(get_text(stage.application, "request")).query)
    verified = verify_request(
        text_of(evidence), roots=stage.roots, now=stage.now(), client_id=query["client_id"][0]
    )
    bank = stage.standing.accreditation.dids["bank_x"]
    require(verified.verifier == bank, "a request of bank X")
    require(bool(stage.ledger.grants(bank.address, Role.VERIFIER)), "bank X accredited as a verifier")


def read_consent(stage: Stage) -> Evidence:
    """The wallet checks bank X on the ledger and puts the whole question to the holder, who agrees."""
    with stage.wallet() as wallet:
        view = wallet.review(get_text(stage.application, "request"))
        stage.consent = view
        wallet.present(view)
        line = wallet.history()[0]
    shown = sum(len(credential.shown) for credential in view.credentials)
    hidden = sum(len(credential.hidden) for credential in view.credentials)
    says = f"{view.verifier_name.en}, {view.country}: {shown} claims shown, {hidden} kinds stay hidden"
    return Evidence("consent receipt", line.presentation.receipt.encode(), says)


def check_consent(stage: Stage, evidence: Evidence) -> None:
    """The wallet's own signature; the destination country; and what was sent is what was agreed to."""
    with stage.wallet() as wallet:
        line = wallet.history()[0]
    require(line.presentation.receipt == text_of(evidence), "the receipt that the wallet signed and keeps")
    said, body = line.receipt, line.presentation.body
    require(get_text(said, "verifier") == str(stage.standing.accreditation.dids["bank_x"]), "bank X named")
    require(get_text(said, "country") == "SG", "the destination country")
    require(
        get_text(said, "answer_sha256") == hashlib.sha256(body.encode()).hexdigest(), "the answer agreed to"
    )


def present(stage: Stage) -> Evidence:
    """Identity and proof of funds, one key, only what was asked."""
    with stage.wallet() as wallet:
        presentation = wallet.history()[0].presentation
    require(presentation.outcome.value == "delivered", "a presentation that arrived")
    return Evidence(
        "presentation",
        presentation.body.encode(),
        f"{len(presentation.shown)} claims, from slot {presentation.slot}",
    )


def check_presentation(stage: Stage, evidence: Evidence) -> None:
    """What bank X signed for having received is, byte for byte, what the wallet sent: encrypted to bank X alone."""
    record = read_decision(stage, _record(stage))
    require(
        isinstance(read_response(evidence.body), EncryptedResponse), "an answer that only bank X can read"
    )
    require(
        hashlib.sha256(evidence.body).hexdigest() == get_text(record, "response_sha256"),
        "what bank X received",
    )


def ask_hub(stage: Stage) -> Evidence:
    """Bank X asked the hub by the handle that bank A signed, before it verified anything else."""
    (verdict,) = _verdicts(stage)
    return Evidence(
        "verdict", get_text(verdict, "verdict").encode(), f"the hub says {get_text(verdict, 'class')}"
    )


def check_verdict(stage: Stage, evidence: Evidence) -> None:
    """The hub signed it for bank X, it says clear, and the fraud check came before standing and policy."""
    hub, bank_x = stage.standing.accreditation.dids["hub"], stage.standing.accreditation.dids["bank_x"]
    opened = open_sealed(
        text_of(evidence),
        typ=TokenType.FRAUD_VERDICT,
        kind=Verdict,
        keys=stage.ledger,
        audience=bank_x,
        at=stage.now(),
    )
    require(opened.signer == hub, "the hub's signature")
    require(opened.message.verdict_class is VerdictClass.CLEAR, "the class clear")
    order = [get_text(step, "step") for step in _steps(stage)]
    require(order.index("fraud_check") < order.index("standing"), "the fraud check before the rest")


def _steps(stage: Stage) -> list[JsonObject]:
    return [as_object(step) for step in get_array(read_decision(stage, _record(stage)), "steps")]


def _verdicts(stage: Stage) -> list[JsonObject]:
    (checked,) = (step for step in _steps(stage) if get_text(step, "step") == "fraud_check")
    return [as_object(one) for one in get_array(as_object(checked.get("facts")), "verdicts")]


def verify(stage: Stage) -> Evidence:
    """Bank X's steps, each with its answer."""
    record = _record(stage)
    says = ", ".join(f"{get_text(step, 'step')} {get_text(step, 'answer')}" for step in _steps(stage))
    return Evidence("verification", record.encode(), says)


def check_verification(stage: Stage, evidence: Evidence) -> None:
    """Envelope, fraud check, standing and policy were each accepted."""
    record = read_decision(stage, text_of(evidence))
    answers = {
        get_text(as_object(one), "step"): get_text(as_object(one), "answer")
        for one in get_array(record, "steps")
    }
    for step in ("envelope", "fraud_check", "standing", "policy"):
        require(answers.get(step) == "accepted", f"{step} accepted")


def decide(stage: Stage) -> Evidence:
    """The decision, signed."""
    record = _record(stage)
    return Evidence(
        "decision record", record.encode(), f"the person hears: {get_text(stage.result, 'person_hears')}"
    )


def check_decision(stage: Stage, evidence: Evidence) -> None:
    """Bank X signed that it verified this application."""
    record = read_decision(stage, text_of(evidence))
    require(get_text(record, "outcome") == "verified", "the outcome verified")
    require(get_text(record, "application") == get_text(stage.application, "id"), "this application")
    require(list(as_array(record.get("reasons"))) == [], "no reason against it")


def _record(stage: Stage) -> str:
    if not stage.result:
        address = urlsplit(get_text(stage.application, "result_url")).path
        stage.result = stage.bank_x.get(address)
    return get_text(stage.result, "decision_record")


def read_decision(stage: Stage, token: str) -> JsonObject:
    """The record's content, once bank X's signature holds by the key that the ledger has for it."""
    (leaf, *_) = certificates_from_pem(stage.standing.installation.certificate("bank_x").read_bytes())
    chain = verify_x5c([leaf], roots=stage.roots, at=stage.now())
    bank = stage.standing.accreditation.dids["bank_x"]
    require(stage.ledger.signing_key(bank.address, chain.leaf_jwk.thumbprint()) is not None, "bank X's key")
    return verify_token(token, kind=TokenType.DECISION, key=chain.leaf_jwk).payload


STEPS = (
    Step("8", "bank X", "opens an application and shows a signed request", open_application, check_request),
    Step(
        "9",
        "wallet",
        "checks bank X on the ledger, asks the holder, keeps a receipt",
        read_consent,
        check_consent,
    ),
    Step("10", "wallet → bank X", "presents identity and proof of funds", present, check_presentation),
    Step(
        "11",
        "bank X → hub",
        "asks before verifying, by the handle that bank A signed",
        ask_hub,
        check_verdict,
    ),
    Step("12", "bank X", "verifies signatures, standing and policy", verify, check_verification),
    Step("13", "bank X", "decides", decide, check_decision),
)
