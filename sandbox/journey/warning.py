"""Steps 15 and 16: bank X follows the status; the police list the account, and every proof drawn on it is refused."""

from __future__ import annotations

import time
from collections.abc import Callable

from passport import strict_json
from passport.errors import Reason, Unavailable
from passport.strict_json import JsonObject, JsonValue, as_object, get_array, get_text
from sandbox.journey.presenting import read_decision
from sandbox.journey.stage import Stage
from sandbox.journey.step import Evidence, Step, document_of, require

LIMIT_MS = 2_000.0
_PATIENCE_SECONDS = 15.0
_POLL_SECONDS = 0.02


def follow(stage: Stage) -> Evidence:
    """What bank X knows of the credentials that it relied on, from the lists it follows."""
    return _evidence(
        "follow-up", _follow_up(stage), "both credentials valid, by the list that the ledger names"
    )


def check_follow(stage: Stage, evidence: Evidence) -> None:
    """Valid, and by the version of the status list that is on the ledger."""
    said = document_of(evidence)
    require(said == _follow_up(stage), "what bank X says when it is asked again")
    require(get_text(said, "status") == "valid", "the status valid")
    require(get_text(said, "application") == get_text(stage.application, "id"), "this application")
    bank = stage.standing.accreditation.dids["bank_a"]
    versions = {record.version for record in stage.ledger.status_records(bank.address)}
    for one in get_array(said, "credentials"):
        require(as_object(one).get("version") in versions, "a version that is on the ledger")


def list_account(stage: Stage) -> Evidence:
    """The police list the account; two clocks run until bank X refuses and until it sees *suspended*."""
    request = stage.bank_x.post("/v1/applications", {"policy": "account-opening"})
    with stage.wallet() as wallet:
        view = wallet.review(get_text(request, "request"))
        began = time.monotonic()
        stage.police.warn(stage.person)
        wallet.present(view)
    result = stage.bank_x.get(_path(get_text(request, "result_url")))
    stage.latencies_ms["notice_to_refusal_ms"] = _since(began)
    _wait(lambda: get_text(_follow_up(stage), "status") == "suspended", "bank X's follow-up to say suspended")
    stage.latencies_ms["notice_to_suspended_ms"] = _since(began)
    stage.second_application = request
    document: JsonObject = {
        "decision_record": get_text(result, "decision_record"),
        "follow_up": _follow_up(stage),
    }
    says = (
        f"refused after {stage.latencies_ms['notice_to_refusal_ms']:.0f} ms, "
        f"suspended after {stage.latencies_ms['notice_to_suspended_ms']:.0f} ms"
    )
    return _evidence("refusal and suspension", document, says)


def check_listed(stage: Stage, evidence: Evidence) -> None:
    """Bank X signed a refusal for the hub's verdict; its follow-up says suspended; each within two seconds."""
    said = document_of(evidence)
    record = read_decision(stage, get_text(said, "decision_record"))
    require(get_text(record, "outcome") == "refused", "a refusal")
    require(
        get_text(record, "application") == get_text(stage.second_application, "id"), "the second application"
    )
    require(Reason.FRAUD_BLOCK.value in get_array(record, "reasons"), "the hub's verdict as the reason")
    followed = as_object(said.get("follow_up"))
    require(followed == _follow_up(stage), "what bank X says when it is asked again")
    require(get_text(followed, "application") == get_text(stage.application, "id"), "the first application")
    require(get_text(followed, "status") == "suspended", "the status suspended")
    for name, value in stage.latencies_ms.items():
        require(value < LIMIT_MS, f"{name} under {LIMIT_MS:.0f}, got {value:.0f}")


def _follow_up(stage: Stage) -> JsonObject:
    """What bank X says of the application, without the times, which are others at every asking."""
    said = stage.bank_x.get(f"/v1/applications/{get_text(stage.application, 'id')}/follow-up")
    credentials: list[JsonValue] = [
        {name: value for name, value in as_object(one).items() if name != "age_seconds"}
        for one in get_array(said, "credentials")
    ]
    return {
        "application": get_text(said, "application"),
        "status": get_text(said, "status"),
        "credentials": credentials,
    }


def _wait(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise Unavailable(
                Reason.UPSTREAM_UNAVAILABLE, f"expected {what} within {_PATIENCE_SECONDS:.0f} s"
            )
        time.sleep(_POLL_SECONDS)


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _evidence(kind: str, document: JsonObject, says: str) -> Evidence:
    return Evidence(kind, strict_json.canonical(document), says)


STEPS = (
    Step("15", "bank X", "follows the status list", follow, check_follow),
    Step(
        "16",
        "police → hub → banks",
        "list the account; bank A suspends; bank X refuses",
        list_account,
        check_listed,
    ),
)
