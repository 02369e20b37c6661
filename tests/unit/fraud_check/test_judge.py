"""Only a legal track blocks; a graph asks for a person; a search cut short is unknown, never clear."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fraud_check.judge import AccountFinding, judge
from fraud_check.ports import FlowAnswer, Reached
from fraud_check.rules import DEFAULT_RULE
from fraud_check.tracks import Status
from passport.fraud import TrackKind, VerdictClass, make_token

ACCOUNT = make_token(1, b"a" * 32)
NOTHING = FlowAnswer(None)
REACHED = FlowAnswer(Reached(3, ACCOUNT, (1, 2, 3)))
NOW = datetime(2026, 1, 1, tzinfo=UTC)

BLOCK, REVIEW = VerdictClass.BLOCK, VerdictClass.REVIEW
UNKNOWN, CLEAR = VerdictClass.UNKNOWN, VerdictClass.CLEAR


def on(track: TrackKind) -> Status:
    return Status(track, "n", "c", NOW, None, ACCOUNT)


@pytest.mark.parametrize(
    ("tracks", "flow", "expected"),
    [
        ([], NOTHING, CLEAR),
        ([TrackKind.WARNING], NOTHING, BLOCK),
        ([TrackKind.DERIVED], NOTHING, BLOCK),
        ([TrackKind.IMPERSONATED], NOTHING, BLOCK),
        ([TrackKind.ADMONITION], NOTHING, REVIEW),
        ([TrackKind.EARMARK], NOTHING, REVIEW),
        ([TrackKind.EARMARK, TrackKind.WARNING], REACHED, BLOCK),
        ([], REACHED, REVIEW),
        ([], FlowAnswer(None, "max_seconds"), UNKNOWN),
        ([], FlowAnswer(REACHED.reached, "max_seconds"), REVIEW),
        ([TrackKind.WARNING], FlowAnswer(None, "max_seconds"), BLOCK),
    ],
)
def test_the_strictest_answer_counts(
    tracks: list[TrackKind], flow: FlowAnswer, expected: VerdictClass
) -> None:
    finding = AccountFinding(ACCOUNT, tuple(on(track) for track in tracks), flow)
    clean = AccountFinding(ACCOUNT, (), NOTHING)
    judgement = judge([clean, finding], (), rule=DEFAULT_RULE, tracks_version="t")
    assert judgement.verdict_class is expected
    assert judgement.truncated is (flow.truncated is not None)
    assert judgement.rule == "t/graph-2026-02"


def test_a_persons_track_counts_without_any_account_on_one() -> None:
    judgement = judge(
        [AccountFinding(ACCOUNT, (), NOTHING)],
        [on(TrackKind.DERIVED)],
        rule=DEFAULT_RULE,
        tracks_version="t",
    )
    assert judgement.verdict_class is BLOCK
