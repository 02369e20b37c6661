"""What every screen has: a heading, a body that scrolls, a line for news, and the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from passport.errors import PassportError
from wallet_tui.explain import explain
from wallet_tui.messages import Failed, Settled
from wallet_tui.phrases import NOTHING, Phrase
from wallet_tui.widgets.key_bar import KeyBar
from wallet_tui.widgets.said import Said

PRODUCT = Phrase("Financial passport", "數位金融護照")


class Place(Screen[None]):
    """A screen of the wallet. Slow work runs in a thread and comes back as a message."""

    HEADING: ClassVar[Phrase]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back")]
    AUTO_FOCUS = "Input"
    SCROLLS: ClassVar[bool] = False
    """Whether the body itself is focused, so that the arrow keys move it: where there is much to read."""

    working: reactive[bool] = reactive(False)

    def compose(self) -> ComposeResult:
        """The frame; the body is the screen's own."""
        yield Said(Phrase.joined([PRODUCT, self.HEADING], " · "), id="heading")
        with VerticalScroll(id="body", can_focus=self.SCROLLS):
            yield from self.body()
        yield from self.foot()
        yield Said(id="news")
        yield KeyBar()

    def body(self) -> ComposeResult:
        """What this place is for."""
        yield from ()

    def foot(self) -> ComposeResult:
        """What stays in sight below the body."""
        yield from ()

    def begin(self, call: Callable[[], Message], saying: Phrase) -> None:
        """Do something slow; its message, or ``Failed``, is posted to this screen."""
        if self.working:
            return
        self.working = True
        self.say(saying)
        self.run_worker(partial(self._call, call), thread=True)

    def _call(self, call: Callable[[], Message]) -> None:
        try:
            message = call()
        except PassportError as error:
            message = Failed(error)
        self.post_message(Settled())
        self.post_message(message)

    @on(Settled)
    def settle(self, event: Settled) -> None:
        """The slow work is over; what came of it follows."""
        event.stop()
        self.working = False
        self.say(NOTHING)

    def say(self, phrase: Phrase, *, bad: bool = False) -> None:
        """Put something on the line for news."""
        line = self.query_one("#news", Said)
        line.phrase = phrase
        line.set_class(bad, "bad")

    @on(Failed)
    def complain(self, event: Failed) -> None:
        """Say what went wrong; nothing is lost by it."""
        event.stop()
        headline, detail = explain(event.error)
        self.say(headline if detail is None else Phrase.joined([headline, detail]), bad=True)

    def action_leave(self) -> None:
        """Go back, unless something is under way whose end must be seen."""
        if not self.working:
            self.dismiss(None)
