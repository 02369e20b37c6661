"""What a receipt says, in both languages: new receipts hold both, older ones one, and those read as they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holder import HistoryLine
from passport.strict_json import JsonValue
from wallet_tui.phrases import Phrase

_NONE = Phrase("-", "-")
_OF = Phrase(": ", "：")


def told(value: JsonValue) -> Phrase:
    """A text, or one in two languages."""
    if isinstance(value, Mapping):
        en, zh = value.get("en"), value.get("zh-TW")
        return Phrase(told(en).en, told(zh).zh)
    return Phrase.outside(value) if isinstance(value, str) else _NONE


def shown_words(line: HistoryLine) -> Phrase:
    """Which claims were shown, each after its credential."""
    labels = [
        Phrase(title.en + _OF.en + label.en, title.zh + _OF.zh + label.zh)
        for credential in _credentials(line)
        for title in [told(credential.get("title"))]
        for label in map(told, _listed(credential.get("shown_labels")))
    ]
    return Phrase.listed(labels or map(Phrase.outside, line.presentation.shown))


def hidden_words(line: HistoryLine) -> Phrase:
    """Which stayed hidden."""
    return Phrase.listed(
        told(each) for credential in _credentials(line) for each in _listed(credential.get("hidden"))
    )


def verifier_words(line: HistoryLine) -> Phrase:
    """Who saw it."""
    name = line.receipt.get("verifier_name")
    return told(name) if name is not None else Phrase.outside(line.presentation.verifier_name)


def _credentials(line: HistoryLine) -> list[Mapping[str, JsonValue]]:
    return [each for each in _listed(line.receipt.get("credentials")) if isinstance(each, Mapping)]


def _listed(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
