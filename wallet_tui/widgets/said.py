"""Words on the screen, in the language that is spoken now; the only way text gets drawn."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, Checkbox, Static

from wallet_tui.phrases import NOTHING, Language, Phrase, safe_lines


class Said(Static):
    """A phrase. Markup is off: brackets of strangers are brackets."""

    phrase: reactive[Phrase] = reactive(NOTHING)

    def __init__(
        self,
        phrase: Phrase = NOTHING,
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self._language = Language.ENGLISH
        self.set_reactive(Said.phrase, phrase)

    def on_mount(self) -> None:
        """Follow the language."""
        self.watch(self.app, "language", self._speak)

    def watch_phrase(self) -> None:
        """Say something else."""
        self._speak(self._language)

    def _speak(self, language: Language) -> None:
        self._language = language
        self.update(Content(safe_lines(self.phrase.of(language))))


class Fact(Horizontal):
    """A name and a value beside each other."""

    def __init__(self, name: Phrase, value: Phrase, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, classes="fact")
        self._parts = (name, value)

    def compose(self) -> ComposeResult:
        """The two."""
        name, value = self._parts
        yield Said(name, classes="fact-name")
        yield Said(value, classes="fact-value")


class SaidButton(Button):
    """A button that speaks both languages."""

    def __init__(self, phrase: Phrase, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(Content(phrase.en), id=id, compact=True)
        self._phrase = phrase

    def on_mount(self) -> None:
        """Follow the language."""
        self.watch(self.app, "language", self._speak)

    def _speak(self, language: Language) -> None:
        self.label = Content(safe_lines(self._phrase.of(language)))


class SaidCheckbox(Checkbox):
    """A box to tick that speaks both languages, and is empty to the eye when it is, whatever the colours."""

    BUTTON_INNER = " "

    def __init__(self, phrase: Phrase, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(Content(phrase.en), id=id, compact=True)
        self._phrase = phrase

    def on_mount(self) -> None:
        """Follow the language."""
        self.watch(self.app, "language", self._speak)

    def _speak(self, language: Language) -> None:
        self.label = Content(safe_lines(self._phrase.of(language)))

    def watch_value(self) -> None:
        """Draw the tick, or nothing."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()
