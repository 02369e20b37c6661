"""One presentation with the signed receipt of what was agreed to."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.app import ComposeResult

from holder import HistoryLine
from holder.countries import country_words
from passport.strict_json import JsonValue
from wallet_tui.phrases import Phrase
from wallet_tui.receipt_words import hidden_words, shown_words, told, verifier_words
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Fact, Said

_TO = Phrase("Shown to", "出示對象")
_WHEN = Phrase("Agreed at", "同意時間")
_OUTCOME = Phrase("Outcome", "結果")
_COUNTRY = Phrase("Went to", "送往國家")
_CONTACT = Phrase("Contact", "聯絡窗口")
_KEY = Phrase("Key that it knows", "對方所知之金鑰")
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
        yield Fact(
            _TO,
            Phrase.joined(
                [verifier_words(self._line), Phrase.outside(f"({presentation.verifier_did})")], " "
            ),
        )
        yield Fact(_WHEN, _moment(receipt.get("iat"), presentation.at))
        yield Fact(_OUTCOME, self._outcome)
        yield Fact(_COUNTRY, Phrase.told(country_words(told(receipt.get("country")).en)))
        yield Fact(_PURPOSE, told(receipt.get("purpose")))
        yield Fact(_RETENTION, told(receipt.get("retention")))
        yield Fact(_RECIPIENTS, told(receipt.get("recipients")))
        if receipt.get("verifier_contact") is not None:
            yield Fact(_CONTACT, told(receipt.get("verifier_contact")))
        yield Fact(_RIGHTS, told(receipt.get("rights")))
        yield Fact(_SHOWN, shown_words(self._line))
        yield Fact(_HIDDEN, hidden_words(self._line))
        if receipt.get("reused_key_seen_by") is not None:
            yield Fact(_REUSED, told(receipt.get("reused_key_seen_by")))
        if receipt.get("key") is not None:
            yield Fact(_KEY, told(receipt.get("key")))
        yield Fact(_SEAL, told(receipt.get("answer_sha256")))


def _moment(value: JsonValue, otherwise: datetime) -> Phrase:
    if isinstance(value, int) and not isinstance(value, bool):
        return Phrase.minute(datetime.fromtimestamp(value, UTC))
    return Phrase.minute(otherwise)
