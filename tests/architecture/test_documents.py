"""Documents that stay true: decisions have their four parts, links lead somewhere, and files that are named exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted(path for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name != "README.md")
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")]
)
PARTS = ("**Context.**", "**Options", "**Choice", "**Price.**")
ROOMS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The text without blocks of code."""
    return FENCE.sub("", path.read_text())


def anchors(path: Path) -> set[str]:
    """What a link may point at within a document: its headings, as they are written in addresses."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def relative_links(path: Path) -> Iterator[str]:
    for target in LINK.findall(prose(path)):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            yield target


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_has_context_options_choice_and_price_in_this_order(path: Path) -> None:
    text = path.read_text()
    places = [text.find(f"\n{part}") for part in PARTS]
    assert -1 not in places, f"expected {', '.join(PARTS)}"
    assert places == sorted(places)
    assert re.match(rf"# {path.name[:4]}\b", text), "expected the title to begin with the file's number"


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    assert [number for number, count in numbers.items() if count > 1] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    broken = []
    for link in relative_links(path):
        place, _, heading = link.partition("#")
        target = (path.parent / unquote(place)).resolve() if place else path
        if not target.exists() or (heading and target.suffix == ".md" and heading not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", ["threat-model.md", "architecture.md", "glossary.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    """Decisions are history and may name what is gone; these three are about today."""
    named = [span for span in SPAN.findall(prose(ROOT / "docs" / name)) if span.partition("/")[0] in ROOMS]
    assert [span for span in named if "/" in span and not (ROOT / span).exists()] == []


def test_every_word_of_the_glossary_stands_in_both_languages() -> None:
    rows = [
        line.split("|")[1:4]
        for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
        if "|" in line
    ]
    chinese = [zh.strip() for zh, _, _ in rows[2:]]
    assert [zh for zh in chinese if not any("\u4e00" <= letter <= "\u9fff" for letter in zh)] == []
    assert len(set(chinese)) == len(chinese)


def test_what_is_known_and_open_is_numbered_from_one() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text()
    numbers = re.findall(r"^(\d+)\. ", text.partition("## Known and open")[2], re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
