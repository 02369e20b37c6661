"""Where a link is pasted."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

_LONGEST = 64 * 1024


class LinkInput(Input):
    """One line. A link that a terminal or a mail broke into several lines is put together again."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, max_length=_LONGEST)

    def on_paste(self, event: Paste) -> None:
        """Take the whole paste, not its first line."""
        self.replace("".join(event.text.split()), *self.selection)
        event.prevent_default()
        event.stop()
