"""One presentation with the signed receipt of what was agreed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from textual.app import ComposeResult

from holder import HistoryLine
from passport.strict_json import JsonValue
from wallet_tui.countries import country_name
from wallet_tui.phrases import Phrase
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Fact, Said

_TO = Phrase("Shown to", "出示對象")
_WHEN = Phrase("Agreed at", "同意時間")
_OUTCOME = Phrase("Outcome", "結果")
_COUNTRY = Phrase("Went to", "送往國家")
_PURPOSE = Phrase("For what", "目的")
_RETENTION = Phrase("How long it is kept", "保存期間")
_RIGHTS = Phrase("Your rights", "您的權利")
_RECIPIENTS = Phrase("Who receives it", "利用對象")
_SHOWN = Phrase("What was shown", "出示內容")
_HIDDEN = Phrase("Stayed hidden", "未出示")
_REUSED = Phrase("Copy seen before by", "副本曾出示予")
_SEAL = Phrase("Fingerprint of the answer", "回覆之指紋")
_SIGNED = Phrase(
    "This receipt is signed by your wallet and was checked just now: nothing in it has changed.",
    "此收據由您的錢包簽章，並已於此刻核對：內容未經更動。",
)


class ReceiptScreen(Place):
    """What the receipt says."""

    HEADING = Phrase("Receipt", "收據")
    CSS_PATH = "receipt.tcss"
    SCROLLS = True
    AUTO_FOCUS = "#body"

    def __init__(self, line: HistoryLine, outcome: Phrase) -> None:
        super().__init__()
        self._line = line
        self._outcome = outcome

    def body(self) -> ComposeResult:
        """Fact by fact."""
        presentation, receipt = self._line.presentation, self._line.receipt
        yield Said(_SIGNED, classes="quiet")
        yield Fact(_TO, Phrase.outside(f"{presentation.verifier_name} ({presentation.verifier_did})"))
        yield Fact(_WHEN, _moment(receipt.get("iat"), presentation.at))
        yield Fact(_OUTCOME, self._outcome)
        yield Fact(_COUNTRY, country_name(_text(receipt.get("country")).en))
        yield Fact(_PURPOSE, _text(receipt.get("purpose")))
        yield Fact(_RETENTION, _text(receipt.get("retention")))
        yield Fact(_RECIPIENTS, _text(receipt.get("recipients")))
        yield Fact(_RIGHTS, _text(receipt.get("rights")))
        yield Fact(_SHOWN, Phrase.outside("; ".join(presentation.shown), 4000))
        yield Fact(_HIDDEN, _hidden(receipt.get("credentials")))
        if receipt.get("reused_key_seen_by") is not None:
            yield Fact(_REUSED, _text(receipt.get("reused_key_seen_by")))
        yield Fact(_SEAL, _text(receipt.get("answer_sha256")))


def _text(value: JsonValue) -> Phrase:
    """A text, or one in two languages."""
    if isinstance(value, Mapping):
        en, zh = value.get("en"), value.get("zh-TW")
        return Phrase(_text(en).en, _text(zh).zh)
    return Phrase.outside(value) if isinstance(value, str) else Phrase("-", "-")


def _moment(value: JsonValue, otherwise: datetime) -> Phrase:
    if isinstance(value, int) and not isinstance(value, bool):
        return Phrase.minute(datetime.fromtimestamp(value, UTC))
    return Phrase.minute(otherwise)


def _hidden(credentials: JsonValue) -> Phrase:
    if not isinstance(credentials, Sequence) or isinstance(credentials, str):
        return Phrase("-", "-")
    labels: list[str] = []
    for each in credentials:
        hidden = each.get("hidden") if isinstance(each, Mapping) else None
        if isinstance(hidden, Sequence) and not isinstance(hidden, str):
            labels += [label for label in hidden if isinstance(label, str)]
    return Phrase.outside("; ".join(labels) or "-", 4000)
