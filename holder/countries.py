"""Names of the countries that data is likely to go to; another one is shown by its ISO 3166 code alone."""

from __future__ import annotations

from typing import Final

from holder.labels import words
from passport.registry import Words

_NAMES: Final = {
    "AU": words("Australia", "澳洲"),
    "CA": words("Canada", "加拿大"),
    "CH": words("Switzerland", "瑞士"),
    "CN": words("China", "中國大陸"),
    "DE": words("Germany", "德國"),
    "ES": words("Spain", "西班牙"),
    "FR": words("France", "法國"),
    "GB": words("United Kingdom", "英國"),
    "HK": words("Hong Kong", "香港"),
    "ID": words("Indonesia", "印尼"),
    "IE": words("Ireland", "愛爾蘭"),
    "IN": words("India", "印度"),
    "IT": words("Italy", "義大利"),
    "JP": words("Japan", "日本"),
    "KR": words("Korea", "韓國"),
    "LU": words("Luxembourg", "盧森堡"),
    "MY": words("Malaysia", "馬來西亞"),
    "NL": words("Netherlands", "荷蘭"),
    "NZ": words("New Zealand", "紐西蘭"),
    "PH": words("Philippines", "菲律賓"),
    "SG": words("Singapore", "新加坡"),
    "TH": words("Thailand", "泰國"),
    "TW": words("Taiwan", "臺灣"),
    "US": words("United States", "美國"),
    "VN": words("Vietnam", "越南"),
}


def country_words(code: str) -> Words:
    """What a person calls it, with the code."""
    name = _NAMES.get(code)
    if name is None:
        return words(code[:40] or "-", code[:40] or "-")
    return words(f"{name.en} ({code})", f"{name.zh_tw}（{code}）")
