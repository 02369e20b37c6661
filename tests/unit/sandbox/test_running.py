import json

from passport.errors import Reason, Unavailable
from sandbox.journey.running import Journey, Report
from sandbox.journey.step import Evidence, Step, require


def _step(number: str, body: bytes = b"good") -> Step[list[str]]:
    def act(stage: list[str]) -> Evidence:
        stage.append(number)
        return Evidence("note", body, "a note")

    def check(_stage: list[str], evidence: Evidence) -> None:
        require(evidence.body == b"good", "a good note")

    return Step(number, "somebody", "writes a note", act, check)


def test_every_step_done_and_checked_is_ok() -> None:
    stage: list[str] = []
    report = Report(expected=2)
    list(Journey([_step("1"), _step("2")], stage).run(report))
    assert stage == ["1", "2"]
    assert report.ok
    assert json.loads(report.to_json())["ok"] is True


def test_spoilt_evidence_stops_the_journey_and_is_not_ok() -> None:
    stage: list[str] = []
    report = Report(expected=2)
    journey = Journey([_step("1"), _step("2")], stage, between=lambda _s, e: Evidence(e.kind, b"bad", e.says))
    list(journey.run(report))
    assert stage == ["1"]
    assert not report.ok
    assert json.loads(report.to_json())["steps"][0]["refused"] == "expected a good note"


def test_a_step_that_fails_leaves_no_evidence_and_is_not_ok() -> None:
    def act(_stage: list[str]) -> Evidence:
        raise Unavailable(Reason.LEDGER_UNAVAILABLE, "expected the ledger to answer")

    report = Report(expected=1)
    list(Journey([Step("1", "x", "y", act, lambda _s, _e: None)], []).run(report))
    assert report.outcomes[0].evidence is None
    assert not report.ok


def test_missing_steps_are_not_ok() -> None:
    assert not Report(expected=1).ok
