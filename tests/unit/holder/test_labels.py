"""How names and values read in Chinese."""

from __future__ import annotations

import pytest

from holder.labels import claim_label, value_text
from passport.identifiers import PROOF_OF_FUNDS


def test_values_in_one_line_are_listed_as_each_language_does() -> None:
    said = value_text(["TWD", "USD", True])
    assert (said.en, said.zh_tw) == ("TWD, USD, yes", "TWD、USD、是")


@pytest.mark.parametrize(
    ("place", "label"),
    [
        (("thresholds", "account_age"), "最早開立帳戶已滿年數"),
        (("thresholds", "min28d"), "近 28 日最低餘額門檻"),
        (("averages", "min28d"), "近 28 日最低總額"),
    ],
)
def test_figures_over_time_are_called_alike(place: tuple[str, ...], label: str) -> None:
    assert claim_label(str(PROOF_OF_FUNDS), place).zh_tw == label
