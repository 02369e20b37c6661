"""A list whose lines can be looked at."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import ListView


class LookList(ListView):
    """Arrows and Enter; the key bar names Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Look")]
