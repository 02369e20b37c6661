"""Where a link is pasted."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from holder import pasted_link

_LONGEST = 64 * 1024


class LinkInput(Input):
    """One line. A link that was broken into lines, quoted or copied with its label is put together again."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, max_length=_LONGEST)

    def on_paste(self, event: Paste) -> None:
        """Take the whole paste, not its first line."""
        self.replace(pasted_link(event.text), *self.selection)
        event.prevent_default()
        event.stop()
