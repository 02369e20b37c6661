"""Names of the countries that data is likely to go to; another one is shown by its ISO 3166 code alone."""

from __future__ import annotations

from typing import Final

from wallet_tui.phrases import Phrase

_NAMES: Final = {
    "AU": Phrase("Australia", "澳洲"),
    "CA": Phrase("Canada", "加拿大"),
    "CH": Phrase("Switzerland", "瑞士"),
    "CN": Phrase("China", "中國大陸"),
    "DE": Phrase("Germany", "德國"),
    "ES": Phrase("Spain", "西班牙"),
    "FR": Phrase("France", "法國"),
    "GB": Phrase("United Kingdom", "英國"),
    "HK": Phrase("Hong Kong", "香港"),
    "ID": Phrase("Indonesia", "印尼"),
    "IE": Phrase("Ireland", "愛爾蘭"),
    "IN": Phrase("India", "印度"),
    "IT": Phrase("Italy", "義大利"),
    "JP": Phrase("Japan", "日本"),
    "KR": Phrase("Korea", "韓國"),
    "LU": Phrase("Luxembourg", "盧森堡"),
    "MY": Phrase("Malaysia", "馬來西亞"),
    "NL": Phrase("Netherlands", "荷蘭"),
    "NZ": Phrase("New Zealand", "紐西蘭"),
    "PH": Phrase("Philippines", "菲律賓"),
    "SG": Phrase("Singapore", "新加坡"),
    "TH": Phrase("Thailand", "泰國"),
    "TW": Phrase("Taiwan", "臺灣"),
    "US": Phrase("United States", "美國"),
    "VN": Phrase("Vietnam", "越南"),
}
_NAMED = Phrase("{name} ({code})", "{name}（{code}）")


def country_name(code: str) -> Phrase:
    """What a person calls it, with the code."""
    shown = Phrase.outside(code, 40)
    name = _NAMES.get(code)
    return shown if name is None else _NAMED.with_(name=name, code=shown)
