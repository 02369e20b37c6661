"""The recovery phrase: shown until three of its words were typed from paper, so that it is not only seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ItemGrid
from textual.widgets import Input

from wallet_tui.messages import PhraseKept, PhraseLater
from wallet_tui.phrases import Phrase
from wallet_tui.screens.place import Place
from wallet_tui.widgets.said import Said, SaidButton

_WHY = Phrase(
    "Your recovery phrase. Write these 24 words down, in this order, and keep the paper apart from this machine. "
    "Whoever has them has your keys. They are shown until you have confirmed them.",
    "您的復原短語。請依序抄寫以下 24 個字詞，並將紙本與本機分開保管。任何人取得這些字詞即取得您的金鑰。確認抄寫後不再顯示。",
)
_WRITTEN = Phrase("I have written them down", "我已抄寫完成")
_PROVE = Phrase(
    "To be sure that the paper is right: type the words at these places.",
    "為確認抄寫無誤，請輸入以下位置的字詞。",
)
_PLACE = Phrase("Word {number}:", "第 {number} 個字詞：")
_GO_ON = Phrase("Go on", "繼續")
_WRONG = Phrase(
    "Word {number} is another one. Look at your paper, or go back to the phrase with Esc.",
    "第 {number} 個字詞不符。請核對紙本，或按 Esc 返回查看短語。",
)


class RecoveryScreen(Place):
    """The words."""

    HEADING = Phrase("Recovery phrase", "復原短語")
    CSS_PATH = "recovery.tcss"
    # A new wallet begins with its phrase on paper; where it was shown before, Esc puts it off once more.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "later", "Later")]
    AUTO_FOCUS = ""

    def __init__(self, words: str, asked: Sequence[int], *, may_wait: bool = False) -> None:
        """``asked`` are the places, from 0, of the words to be typed afterwards."""
        super().__init__()
        self._may_wait = may_wait
        self._words = tuple(words.split())
        self._asked = tuple(asked)

    def body(self) -> ComposeResult:
        """The words with their numbers."""
        yield Said(_WHY)
        with ItemGrid(min_column_width=16, id="words"):
            for number, word in enumerate(self._words, 1):
                text = f"{number:>2} {word}"
                yield Said(Phrase(text, text))
        yield SaidButton(_WRITTEN, id="written")

    @on(SaidButton.Pressed, "#written")
    def prove(self) -> None:
        """Ask for three of them."""
        self.app.push_screen(ProvePhraseScreen(self._words, self._asked))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc does nothing where the phrase must be written down now."""
        return super().check_action(action, parameters) if action != "later" else self._may_wait

    def action_later(self) -> None:
        """It is shown again the next time that the wallet is opened."""
        self.post_message(PhraseLater())


class ProvePhraseScreen(Place):
    """Some of the words, from paper."""

    HEADING = Phrase("Recovery phrase: a check", "復原短語確認")
    CSS_PATH = "prove_phrase.tcss"

    def __init__(self, words: Sequence[str], asked: Sequence[int]) -> None:
        super().__init__()
        self._words = tuple(words)
        self._asked = tuple(asked)

    def body(self) -> ComposeResult:
        """A field a word."""
        yield Said(_PROVE, id="prove")
        for place in self._asked:
            yield Said(_PLACE.with_(number=place + 1))
            yield Input(id=f"word-{place}", classes="word")
        yield SaidButton(_GO_ON, id="go-on")

    @on(Input.Submitted)
    def next_one(self, event: Input.Submitted) -> None:
        """The next field, or the end."""
        if event.input is self.query(Input).last():
            self.check()
        else:
            self.focus_next()

    @on(SaidButton.Pressed, "#go-on")
    def check(self) -> None:
        """Go on when all are right."""
        for place in self._asked:
            field = self.query_one(f"#word-{place}", Input)
            if field.value.strip().lower() != self._words[place]:
                self.say(_WRONG.with_(number=place + 1), bad=True)
                field.focus()
                return
        self.post_message(PhraseKept())
