"""What a request asks for that this wallet cannot show, in words for its owner: which condition fails, and by how much.

Said on the owner's screen only; the verifier hears nothing of it (OpenID4VP 1.0 section 6.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from holder.labels import claim_label, money_text, type_label, value_text
from holder.labels import words as in_full
from passport.claims import USD_LADDER
from passport.errors import Malformed
from passport.openid4vp import Lack, Pointer, Unmet, resolve
from passport.registry import Words
from passport.strict_json import JsonObject

#: Under which claims a proof of funds says the figure that a rung of a ladder stands for.
_FIGURES: Final[Mapping[str, Pointer]] = {
    "total": ("totals", "equivalent", "money"),
    "min28d": ("averages", "min28d"),
}
_THRESHOLDS: Final = "thresholds"
_RUNG: Final = 3
_LONGEST: Final = 600

OTHER_KEYS: Final = in_full(
    "what is asked for together is bound to different keys in your wallet; ask your bank to issue it again together",
    "對方同時要求的憑證在錢包中綁定不同金鑰；請向銀行申請一併重新核發",
)


def words(en: str, zh_tw: str) -> Words:
    """A line that a long value does not make too long."""
    return in_full(en[:_LONGEST], zh_tw[:_LONGEST])


def unmet_words(lacks: Sequence[Unmet], expired: Mapping[str, datetime]) -> tuple[Words, ...]:
    """A line for each thing that is missing; ``expired`` says which types the wallet holds, and when they ended."""
    return tuple(dict.fromkeys(_line(each, expired) for each in lacks)) or (OTHER_KEYS,)


def _line(lack: Unmet, expired: Mapping[str, datetime]) -> Words:
    asked = lack.query.meta.vct_values or ("?",)
    title = type_label(asked[0])
    match lack.lack:
        case Lack.TYPE:
            ended = next((expired[each] for each in asked if each in expired), None)
            if ended is not None:
                day = f"{ended.astimezone(UTC):%Y-%m-%d}"
                return words(
                    f"{title.en}: yours expired on {day}; ask your bank for a new one",
                    f"{title.zh_tw}：您的已於 {day} 到期；請向銀行重新申請",
                )
            return words(f"{title.en}: there is none in your wallet", f"{title.zh_tw}：錢包內沒有此憑證")
        case Lack.AUTHORITY:
            return words(
                f"{title.en}: yours is not from an authority that is accepted here",
                f"{title.zh_tw}：您的憑證並非由對方接受的認證機構所認證",
            )
        case Lack.HOLDER_BINDING:
            return words(
                f"{title.en}: yours is not bound to a key of your wallet",
                f"{title.zh_tw}：您的憑證未綁定錢包的金鑰",
            )
        case Lack.CLAIM | Lack.VALUE:
            return _claim_line(lack, title)


def _claim_line(lack: Unmet, title: Words) -> Words:
    claim, candidate = lack.claim, lack.candidate
    if claim is None or candidate is None:
        return title
    label = claim_label(candidate.vct, tuple(0 if part is None else part for part in claim.pointer))
    short = _short_by(claim.pointer, candidate.claims)
    if short is not None:
        return words(f"{title.en}: “{label.en}” {short.en}", f"{title.zh_tw}：「{label.zh_tw}」{short.zh_tw}")
    if lack.lack is Lack.CLAIM:
        return words(
            f"{title.en}: yours does not state “{label.en}”",
            f"{title.zh_tw}：您的憑證未載明「{label.zh_tw}」",
        )
    held = _held(claim.pointer, candidate.claims)
    wanted = value_text(list(claim.values or ()))
    return words(
        f"{title.en}: for “{label.en}” {wanted.en} is asked; yours says {held.en}",
        f"{title.zh_tw}：「{label.zh_tw}」要求 {wanted.zh_tw}，您的憑證為 {held.zh_tw}",
    )


def _held(pointer: Pointer, claims: JsonObject) -> Words:
    try:
        return value_text([each.value for each in resolve(claims, pointer)])
    except Malformed:
        return value_text(None)


def _short_by(pointer: Pointer, claims: JsonObject) -> Words | None:
    """For a rung of a ladder that is not met: what the credential says instead, where it says it."""
    if len(pointer) != _RUNG or pointer[0] != _THRESHOLDS:
        return None
    rung, figure = USD_LADDER.get(str(pointer[2])), _FIGURES.get(str(pointer[1]))
    if rung is None or figure is None:
        return words("is not met", "未達到")
    try:
        held = resolve(claims, figure)[0].value
    except Malformed:
        return words("is not met", "未達到")
    amount = held.get("amount_minor") if isinstance(held, Mapping) else None
    currency = held.get("currency") if isinstance(held, Mapping) else None
    if not isinstance(amount, int) or currency != "USD" or amount >= rung:
        return words("is not met", "未達到")
    said, missing = money_text(amount, currency), money_text(rung - amount, currency)
    return words(
        f"is not met: yours says {said}, {missing} short", f"未達到：您的憑證為 {said}，尚差 {missing}"
    )
