"""Numbers as the documents say them."""

from __future__ import annotations


def ms(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def us(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{ms(seconds)} ms"


def verdict(value: float, limit: float) -> str:
    return "reached" if value <= limit else "**not reached**"
