"""The keys that work here and now, in the language that is spoken."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wallet_tui.phrases import Language

KEYS_IN_CHINESE: Final = {
    "Accept": "領取憑證",
    "Present": "出示",
    "Status": "查詢狀態",
    "Back": "返回",
    "中文/EN": "中文/EN",
    "History": "紀錄",
    "Look": "檢視",
    "Later": "稍後",
    "Quit": "離開",
}
"""What each binding's description reads in zh-TW; a test finds the ones that are missing."""


class KeyBar(Static):
    """A footer: Textual's own knows one language."""

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._language = Language.ENGLISH

    def on_mount(self) -> None:
        """Follow the language and what is focused."""
        self.watch(self.app, "language", self._speak)
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        self._draw()

    def _speak(self, language: Language) -> None:
        self._language = language
        self._draw()

    def _draw(self) -> None:
        parts: list[Content] = []
        seen: set[str] = set()
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not binding.show or not enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            english = binding.description
            words = english if self._language is Language.ENGLISH else KEYS_IN_CHINESE.get(english, english)
            parts.append(
                Content.assemble(
                    (f" {self.app.get_key_display(binding)} ", "bold $footer-key-foreground"), f"{words} "
                )
            )
        self.update(Content("").join(parts))
