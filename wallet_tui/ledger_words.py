"""That the wallet relied on its own copy of what the ledger said, in words for the person."""

from __future__ import annotations

from holder import LedgerLook
from wallet_tui.phrases import Phrase

_RELIED = Phrase(
    "The ledger could not be reached: this rests on what it said as of its block of {minute}.",
    "無法連線至帳本：本次依據其截至 {minute} 區塊的紀錄。",
)


def offline_words(look: LedgerLook | None) -> list[Phrase]:
    """The sentence, or nothing if the ledger itself was asked."""
    if look is None or not look.offline:
        return []
    return [_RELIED.with_(minute=Phrase.minute(look.checked_at))]
