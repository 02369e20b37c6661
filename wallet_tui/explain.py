"""Errors for people on the screen: ``holder``'s words for them as phrases."""

from __future__ import annotations

from typing import Final

from holder import WrongLink, error_words, safe_text
from passport.errors import PassportError
from wallet_tui.phrases import Phrase

PAUSED: Final = Phrase.told(error_words.PAUSED)
_OTHER_KIND: Final = Phrase(
    "This link is of the other kind: an offer is accepted (A), a request is answered (P). Nothing was sent.",
    "連結種類不符：憑證領取邀請請按 A 接受，請求請按 P 回覆。未送出任何資料。",
)


def explain(error: PassportError) -> tuple[Phrase, Phrase | None]:
    """What to say, and the detail to say below it, if any may be said."""
    if isinstance(error, WrongLink):
        return _OTHER_KIND, None
    explained = error_words.explain(error)
    detail = None if explained.detail is None else Phrase.outside(explained.detail)
    # A command writes its name before a sentence; a screen begins with it.
    en = safe_text(explained.en[:1].upper() + explained.en[1:])
    return Phrase(en, safe_text(explained.zh_tw)), detail


def pauses(error: PassportError) -> bool:
    """Whether the error comes, or may come, of a fraud check or of a credential's status."""
    return error_words.pauses(error)
