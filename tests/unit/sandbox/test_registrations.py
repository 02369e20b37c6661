"""What bank X's legal notice tells a person, before they show anything, is what bank X does."""

from __future__ import annotations

import pytest

from sandbox.registrations import verifier_registration
from sandbox.world.banks import BANK_X
from verifier.review import REVIEW_LIFETIME

DID = "did:ethr:0x7a69:0x" + "11" * 20


@pytest.mark.parametrize(
    ("language", "once", "review", "days"),
    [
        ("en", "read once", "until the review ends", f"at most {REVIEW_LIFETIME.days} days"),
        ("zh-TW", "僅讀取一次", "需人工審核時，保存至審核完成", f"最長 {REVIEW_LIFETIME.days} 日"),
    ],
)
def test_notice_says_how_long_a_review_keeps_what_was_shown(
    language: str, once: str, review: str, days: str
) -> None:
    said = verifier_registration(BANK_X, DID, None).to_object()["retention"]
    assert isinstance(said, dict)
    text = str(said[language])
    assert once in text
    # The promise to keep nothing names its exception in the same breath.
    assert review in text
    assert days in text
