"""What strangers can hold of a service together, by its own table: never all of it, and never what others wait for."""

from __future__ import annotations

import pytest

from fraud_check.http.admission import hub_admission
from issuer.http.admission import issuer_admission
from issuer.http.wallet import CREDENTIAL_PATH, NONCE_PATH
from passport.fraud.names import ALERTS_PATH, CAUSE_GONE_PATH, NOTICES_PATH
from service.admission import MOST_STRANGERS, Admitting, Kind, name_of
from service.connections import ConnectionLimits
from verifier.http.admission import MOST_OF_ONE_RESULT, MOST_RESULTS, verifier_admission

RESERVE = 128
"""Requests that may be under way beside all that anybody could fill."""
BANKS_OWN = {"staff", "staff's offer", "bank's own", "notice", "alerts", "transfers"}


def of_the_verifier() -> Admitting:
    return verifier_admission(lambda: 0.0)


@pytest.mark.parametrize("admitting", [issuer_admission(), of_the_verifier(), hub_admission()])
def test_staff_and_notices_have_requests_that_no_crowd_can_fill(admitting: Admitting) -> None:
    kinds = {
        rule.kind for rule in admitting.rules if rule.kind is not None and rule.kind.name not in BANKS_OWN
    }
    waiting = sum(kind.most + (MOST_STRANGERS if kind.belongs else 0) for kind in kinds)
    places = sum({kind.pool: admitting.admission.places(kind.pool) for kind in kinds}.values())
    assert waiting + places <= ConnectionLimits().requests - RESERVE


def kind_of(admitting: Admitting, method: str, path: str) -> Kind:
    kind = admitting.find(method, path).kind
    assert kind is not None
    return kind


def fill(admitting: Admitting, kind: Kind, journey: bytes | None = None) -> int:
    """How many come in."""
    count = 0
    while admitting.admission.retry_after(kind, journey) is None:
        admitting.admission.queue(kind, journey, lambda: None)
        count += 1
        assert count < 1000
    return count


def test_nonces_keep_no_begun_set_from_its_credentials() -> None:
    admitting, came = issuer_admission(), []
    fill(admitting, kind_of(admitting, "POST", NONCE_PATH))
    admitting.admission.journeys.begin(name_of("a token"))
    credential = kind_of(admitting, "POST", CREDENTIAL_PATH)
    assert admitting.admission.retry_after(credential, name_of("a token")) is None
    admitting.admission.queue(credential, name_of("a token"), lambda: came.append("its turn"))
    assert came == ["its turn"]


def test_who_waits_for_results_keeps_no_officer_and_no_application_out() -> None:
    admitting, came = of_the_verifier(), 0
    result = kind_of(admitting, "GET", "/v1/results/one")
    assert admitting.find("GET", "/v1/results/one").journey_in_path
    assert fill(admitting, result, name_of("one")) == MOST_OF_ONE_RESULT
    for number in range(2 * MOST_RESULTS):
        came += fill(admitting, result, name_of(f"{number}"))
    assert came + MOST_OF_ONE_RESULT <= MOST_RESULTS + result.most
    for method, path in (("GET", "/v1/reviews"), ("POST", "/v1/applications")):
        assert admitting.admission.retry_after(kind_of(admitting, method, path), None) is None


@pytest.mark.parametrize("path", [NOTICES_PATH, CAUSE_GONE_PATH, ALERTS_PATH])
def test_a_crowd_at_the_hub_keeps_out_no_notice_and_no_alert(path: str) -> None:
    admitting = hub_admission()
    for rule in admitting.rules:
        if rule.kind is not None and rule.kind.name not in BANKS_OWN:
            fill(admitting, rule.kind)
    assert admitting.admission.retry_after(kind_of(admitting, "POST", path), None) is None
