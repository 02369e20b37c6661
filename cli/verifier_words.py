"""What a wallet showed bank X, in lines for its officers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from cli.answering import safe
from passport.strict_json import JsonObject, JsonValue, as_object, get_object

_NAMES: Final = {
    "name_latin": ("name in Latin letters", "英文姓名"),
    "holder.name_latin": ("account holder in Latin letters", "帳戶持有人英文姓名"),
    "name_zh": ("name in Chinese", "中文姓名"),
    "birth_date": ("date of birth", "出生日期"),
    "nationality": ("nationality", "國籍"),
    "document.expiry": ("identity document valid until", "身分證件有效期限"),
    "as_of": ("as of", "資料基準時間"),
    "any_joint": ("an account is joint", "含聯名帳戶"),
}
_MEASURES: Final = {
    "total": ("in total", "總額"),
    "available": ("available", "可動用金額"),
    "min28d": ("at all times in 28 days", "近 28 日最低可動用餘額"),
}
_THRESHOLD: Final = re.compile(r"thresholds\.(\w+)\.([a-z]{3})_(\d{1,15})")
_YES_NO: Final = {True: "yes / 是", False: "no / 否"}


def disclosed_lines(said: JsonObject) -> list[str]:
    """What the wallet showed; nothing where it is gone."""
    if "disclosed" not in said:
        return []
    gone = "until somebody settles it" if said.get("status") == "review" else "bank X has now forgotten it"
    return [f"Shown by the wallet; {gone}:"] + [
        f"  {query}: {_name(path)}: {_value(value)}"
        for query, claims in get_object(said, "disclosed").items()
        for path, value in _leaves(as_object(claims))
    ]


def _leaves(claims: JsonObject, before: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Every detail by its path; a person reads no nested braces."""
    for name, value in claims.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _name(path: str) -> str:
    threshold = _THRESHOLD.fullmatch(path)
    if threshold is not None and threshold[1] in _MEASURES:
        english, chinese = _MEASURES[threshold[1]]
        amount = f"{threshold[2].upper()} {int(threshold[3]):,}"
        return f"at least {amount} {english} / {chinese}至少 {amount}"
    english, chinese = _NAMES.get(path, ("", ""))
    return f"{english} / {chinese}" if english else safe(path)


def _value(value: JsonValue) -> str:
    if isinstance(value, bool):
        return _YES_NO[value]
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
