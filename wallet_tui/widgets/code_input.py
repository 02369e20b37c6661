"""Where a transaction code is pasted or typed."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from holder import OfferView

_LONGEST = 64


class CodeInput(Input):
    """One line, longer than the code: blanks and dashes that come along are taken out, and not digits cut off."""

    def __init__(self, view: OfferView, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, max_length=_LONGEST)
        self._view = view

    def on_paste(self, event: Paste) -> None:
        """Put the code that was pasted into the field; what is no code stays to be seen, as far as it fits."""
        code = " ".join(self._view.read_code(event.text).split())[:_LONGEST]
        self.value = code
        self.cursor_position = len(code)
        event.prevent_default()
        event.stop()
