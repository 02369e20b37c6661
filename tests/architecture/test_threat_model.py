"""The threat model keeps its word: every number once, in a known state, and no test named that is not there.

Whether a test proves its row is for people to read; that it exists, and that nothing is called held without one, is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NUMBERS = [
    *(f"T{n:02d}" for n in range(1, 69)),
    *(f"I{n}" for n in range(1, 9)),
    *(f"F{n:02d}" for n in range(1, 48)),
]
STATE = re.compile(r"held|partly: \S.+|not built yet")
PYTHON_TEST = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)
SOLIDITY_TEST = re.compile(r"\bfunction ((?:test|invariant)\w*)\s*\(")
RUST_TEST = re.compile(r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*fn (\w+)\s*\(")
SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """One threat, invariant or fault, as the document has it."""

    number: str
    what: str
    answer: str
    tests: str
    state: str

    @property
    def named(self) -> list[str]:
        return SPAN.findall(self.tests)


def read_rows(text: str) -> list[Row]:
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().split("|")[1:-1]]
        if cells and re.fullmatch(r"[TIF]\d+", cells[0]):
            assert len(cells) == 5, f"{cells[0]}: expected five cells, got {len(cells)}"
            rows.append(Row(*cells))
    return rows


def found_tests() -> Iterator[str]:
    """Every test of the house, in its three languages."""
    for folder, ending, pattern in (
        ("tests", "test_*.py", PYTHON_TEST),
        ("contracts/test", "*.sol", SOLIDITY_TEST),
        ("fraud_check/rust", "*.rs", RUST_TEST),
    ):
        for path in (ROOT / folder).rglob(ending):
            if "target" not in path.parts:
                yield from pattern.findall(path.read_text())


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows((ROOT / "docs" / "threat-model.md").read_text())


def test_every_number_is_there_once_and_in_order(rows: list[Row]) -> None:
    assert Counter(row.number for row in rows) == Counter(NUMBERS)
    assert [row.number for row in rows] == NUMBERS


def test_every_state_is_a_known_one_and_partly_says_what_is_missing(rows: list[Row]) -> None:
    assert [(row.number, row.state) for row in rows if not STATE.fullmatch(row.state)] == []


def test_every_named_test_exists(rows: list[Row]) -> None:
    known = set(found_tests())
    missing = [(row.number, name) for row in rows for name in row.named if name not in known]
    assert missing == []


def test_nothing_is_held_without_a_test_and_an_answer(rows: list[Row]) -> None:
    unproved = [row.number for row in rows if row.state != "not built yet" and not (row.named and row.answer)]
    assert unproved == []
    # And the other way about: where a test stands, something is built.
    assert [row.number for row in rows if row.state == "not built yet" and row.named] == []


def test_a_test_is_named_once_a_row(rows: list[Row]) -> None:
    assert [row.number for row in rows if len(set(row.named)) != len(row.named)] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("| T01 | a | b | `test_x` `test_y` | held |", ("T01", ["test_x", "test_y"], "held")),
        ("| F45 | a | b | | not built yet |", ("F45", [], "not built yet")),
    ],
)
def test_rows_are_read_as_they_are_written(line: str, expected: tuple[str, list[str], str]) -> None:
    (row,) = read_rows(line)
    assert (row.number, row.named, row.state) == expected


def test_tests_of_all_three_languages_are_found() -> None:
    known = set(found_tests())
    assert {"test_every_named_test_exists", "test_root_is_never_replaced_nor_its_size"} <= known
    assert "published_vectors_hold_byte_for_byte" in known
