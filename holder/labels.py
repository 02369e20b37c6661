"""What credentials and claims are called on a screen, and how a value reads, in English and zh-TW.

Names come from the type metadata that ship with the program, never from whoever issued or asks (SD-JWT VC section 6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from holder.credentials import Outcome
from passport.claims import EXPONENTS, type_metadata
from passport.errors import Rejected
from passport.identifiers import Vct
from passport.openid4vp import Place
from passport.registry import Words, schema_ids
from passport.strict_json import JsonValue

_EN, _ZH = "en", "zh-TW"
_MAX = 200
_SHORT = re.compile(r"urn:financial-passport:([a-z-]+):1")


def words(en: str, zh_tw: str) -> Words:
    """One sentence in both languages."""
    return Words.model_validate({"en": en, "zh-TW": zh_tw})


def whole_words(en: str, zh_tw: str) -> Words:
    """Words that were put together from others, past the bound of what a stranger may register: nothing is cut off.

    An amount or a list of what stays hidden that ended in the middle would say something else.
    """
    return Words.model_construct(None, **{"en": en or "-", "zh-TW": zh_tw or "-"})


def outcome_label(outcome: Outcome) -> Words:
    """What became of a presentation."""
    match outcome:
        case Outcome.DELIVERED:
            return words("delivered", "已送達")
        case Outcome.REFUSED:
            return words("not taken", "未被收下")
        case Outcome.UNKNOWN:
            return words("not known whether it arrived", "不確定是否送達")


def declined_label(outcome: str) -> Words:
    """What became of a *no* that a verifier was to be told."""
    if outcome == "delivered":
        return words("told no; nothing was shown", "已告知不出示；未出示任何資料")
    if outcome == "refused":
        return words("the no was not taken; nothing was shown", "對方未收下不出示之告知；未出示任何資料")
    return words(
        "not known whether the no was heard; nothing was shown",
        "不確定對方是否收到不出示之告知；未出示任何資料",
    )


def type_label(credential_type: str) -> Words:
    """What a type of credential is called; a type that is not ours is called by its own name."""
    try:
        metadata = type_metadata(Vct(credential_type))
    except Rejected:
        return words(credential_type[:_MAX], credential_type[:_MAX])
    return words(metadata.title(_EN), metadata.title(_ZH))


def offered_label(configuration: str) -> Words:
    """What a credential is called that a bank offers under its own short name; one that is not ours keeps that name."""
    for vct in schema_ids():
        name = _SHORT.fullmatch(str(vct))
        if name is None or not (configuration == name[1] or configuration.startswith(f"{name[1]}-vc")):
            continue
        title = type_label(str(vct))
        w3c = configuration != name[1]
        return words(f"{title.en} (W3C)", f"{title.zh_tw}（W3C）") if w3c else title
    return words(configuration[:_MAX] or "-", configuration[:_MAX] or "-")


def claim_label(credential_type: str, place: Place) -> Words:
    """What the claim at a place is called."""
    try:
        metadata = type_metadata(Vct(credential_type))
    except Rejected:
        text = ".".join(str(part) for part in place)[:_MAX] or "-"
        return words(text, text)
    return words(metadata.label(place, _EN)[:_MAX], metadata.label(place, _ZH)[:_MAX])


def value_text(value: JsonValue) -> Words:
    """A value as a person reads it: money with its decimals, yes and no, lists in one line."""
    return whole_words(_text(value, _EN), _text(value, _ZH))


def _text(value: JsonValue, locale: str) -> str:
    if isinstance(value, bool):
        return {(_EN, True): "yes", (_EN, False): "no", (_ZH, True): "是"}.get((locale, value), "否")
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        amount, currency = value.get("amount_minor"), value.get("currency")
        if isinstance(amount, int) and isinstance(currency, str):
            return money_text(amount, currency)
        return "; ".join(f"{name}: {_text(each, locale)}" for name, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ("、" if locale == _ZH else ", ").join(_text(each, locale) for each in value)
    return str(value)


def money_text(amount_minor: int, currency: str) -> str:
    """Money with its decimals."""
    exponent = EXPONENTS.get(currency, 2)
    sign = "-" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**exponent)
    decimals = f".{rest:0{exponent}d}" if exponent else ""
    return f"{currency} {sign}{whole:,}{decimals}"
