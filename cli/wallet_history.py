"""What was shown to whom, line by line, in both languages beside each other; from receipts, which hold both.

Receipts of earlier versions hold some words in English only, and those are printed as they were written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cli.printing import in_both
from cli.wallet_words import beside, both

if TYPE_CHECKING:
    from holder import HistoryLine, RequestDeclined
    from passport.strict_json import JsonValue

EMPTY = ("Nothing was shown to anybody.", "尚未向任何人出示。")


def history_lines(said: Sequence[HistoryLine], declined: Sequence[RequestDeclined] = ()) -> list[str]:
    """Lines for each presentation and each *no* that a verifier was told, newest first."""
    told: list[tuple[datetime, tuple[str, ...]]] = [(each.presentation.at, _lines(each)) for each in said]
    told += [(each.at, _declined_lines(each)) for each in declined]
    told.sort(key=lambda entry: entry[0], reverse=True)
    return [line for _, lines in told for line in lines] or [in_both(*EMPTY)]


def describe_declined(declined: RequestDeclined) -> Mapping[str, object]:
    """A *no*, for scripts; ``status`` says whether the verifier heard it."""
    return {
        "status": declined.outcome,
        "at": declined.at.isoformat(),
        "verifier": declined.verifier_name.en,
        "verifier_did": declined.verifier_did,
        "purpose": {"en": declined.purpose.en, "zh-TW": declined.purpose.zh_tw},
    }


def _declined_lines(declined: RequestDeclined) -> tuple[str, ...]:
    from holder import declined_label, local_minute  # noqa: PLC0415 - `passport --help` waits for nothing

    said = both(declined_label(declined.outcome))
    return (f"{local_minute(declined.at)}  {both(declined.verifier_name)}  {said}",)


def _lines(line: HistoryLine) -> tuple[str, str]:
    from holder import local_minute, outcome_label  # noqa: PLC0415 - `passport --help` waits for nothing

    presentation = line.presentation
    name = line.receipt.get("verifier_name")
    known = (
        _told(name) if name is not None else beside(presentation.verifier_name, presentation.verifier_name)
    )
    outcome = both(outcome_label(presentation.outcome))
    return (
        f"{local_minute(presentation.at)}  {known}  {outcome}",
        f"  {in_both('shown', '出示')}: {'; '.join(_shown(line))}",
    )


def _shown(line: HistoryLine) -> list[str]:
    labels = [
        beside(f"{title[0]}: {label[0]}", f"{title[1]}：{label[1]}")
        for credential in _listed(line.receipt.get("credentials"))
        if isinstance(credential, Mapping)
        for title in [_pair(credential.get("title"))]
        for label in map(_pair, _listed(credential.get("shown_labels")))
    ]
    return labels or [beside(each, each) for each in line.presentation.shown]


def _told(value: JsonValue) -> str:
    return beside(*_pair(value))


def _pair(value: JsonValue) -> tuple[str, str]:
    if isinstance(value, Mapping):
        return _pair(value.get("en"))[0], _pair(value.get("zh-TW"))[0]
    return (value, value) if isinstance(value, str) else ("-", "-")


def _listed(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
