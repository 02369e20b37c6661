"""What the wallet's commands say: a credential, an offer, a question and a receipt, in words for people and for scripts.

What banks and verifiers say is printed through ``safe`` only. Both languages stand beside each other, since a script's
terminal has no switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from cli.answering import counted, safe
from cli.printing import in_both, speaks_chinese

if TYPE_CHECKING:
    from datetime import datetime

    from holder import Asked, ConsentView, CredentialSummary, LedgerLook, OfferView, Presentation
    from passport.registry import Words

# Revoked and suspended read alike, whatever the cause: the difference could tip somebody off.
_STATUS_WORDS: Mapping[str | None, tuple[str, str] | None] = MappingProxyType(
    {
        None: None,
        "valid": ("valid", "有效"),
        "paused": ("your bank has paused this, ask your bank", "您的銀行已暫停此憑證，請洽銀行"),
        "unknown": ("its status cannot be found out now", "目前無法查詢其狀態"),
    }
)

_PLAIN_QUOTES = str.maketrans("“”", '""')


def describe(credential: CredentialSummary) -> Mapping[str, object]:
    """A credential for scripts."""
    return {
        "id": credential.reference,
        "type": credential.type,
        "format": credential.format,
        "title": {"en": credential.title.en, "zh-TW": credential.title.zh_tw},
        "issuer": credential.issuer_url,
        "issuer_name": None
        if credential.issuer_name is None
        else {"en": credential.issuer_name.en, "zh-TW": credential.issuer_name.zh_tw},
        "issuer_did": credential.issuer_did,
        "issued_at": None if credential.issued_at is None else credential.issued_at.isoformat(),
        "expires_at": None if credential.expires_at is None else credential.expires_at.isoformat(),
        "expired": credential.expired,
        "signature_checked": credential.signature_checked,
        "copies": [
            {
                "slot": copy.slot,
                "shown_to": copy.shown_to,
                "key_known_to": copy.key_known_to,
                "sha256": copy.sha256,
            }
            for copy in credential.copies
        ],
        "claims": credential.claims,
    }


def describe_presentation(presentation: Presentation) -> Mapping[str, object]:
    """A presentation for scripts."""
    return {
        "id": presentation.reference,
        "status": presentation.outcome.value,
        "at": presentation.at.isoformat(),
        "verifier": presentation.verifier_name,
        "verifier_did": presentation.verifier_did,
        "shown": list(presentation.shown),
        "slot": presentation.slot,
        "reused": presentation.reused,
        "redirect_uri": presentation.redirect_uri,
    }


def describe_ledger(look: ConsentView | LedgerLook | None) -> Mapping[str, object] | None:
    """For scripts, what a person reads in words: when the ledger was looked at, and whether it is in reach now.

    None for a command that did not look at it.
    """
    if look is None:
        return None
    return {"in_reach": not look.offline, "checked_at": look.checked_at.isoformat()}


def ledger_lines(look: LedgerLook | None) -> list[str]:
    """After the fact: that the wallet relied on its own copy of what the ledger said, if it did."""
    if look is None or not look.offline:
        return []
    from holder import local_minute  # noqa: PLC0415 - `passport --help` waits for nothing

    minute = local_minute(look.checked_at)
    return [
        in_both(
            f"The ledger could not be reached: this rests on what it said as of its block of {minute}.",
            f"無法連線至帳本：本次依據其截至 {minute} 區塊的紀錄。",
        )
    ]


def _offline_line(checked_at: datetime) -> str:
    from holder import local_minute  # noqa: PLC0415 - `passport --help` waits for nothing

    minute = local_minute(checked_at)
    return "  " + in_both(
        f"The ledger cannot be reached; this is what it said as of its block of {minute}.",
        f"目前無法連線至帳本，以上為其截至 {minute} 區塊的紀錄。",
    )


def offer_lines(view: OfferView) -> list[str]:
    """Who offers what, as the registry knows them: before any code is typed for them."""
    from holder.labels import offered_label  # noqa: PLC0415 - `passport --help` waits for nothing

    name = view.issuer_name
    known = in_both("not available now; know the bank by its address", "目前無法取得，請依網址辨識銀行")
    if name is not None:
        known = both(name)
    offered = [offered_label(each) for each in view.offered]
    offers = beside("; ".join(each.en for each in offered), "、".join(each.zh_tw for each in offered))
    return [
        f"{in_both('Registered name', '登記名稱')}: {known}",
        f"  {safe(view.issuer_url)} ({view.issuer_did}): {in_both('accredited on the ledger', '已在帳本上獲得認證')}",
        f"  {in_both('Offers you', '可領取的憑證')}: {offers}",
        *([_offline_line(view.accredited.checked_at)] if view.accredited.offline else []),
    ]


def asked_lines(asked: Asked) -> list[str]:
    """Who asks, and for what."""
    return [
        f"{in_both('Who asks', '請求者')}: {both(asked.verifier_name)} ({safe(asked.verifier_did)})",
        f"{in_both('For what', '目的')}: {both(asked.purpose)}",
    ]


def consent_lines(view: ConsentView) -> list[str]:
    """The whole question, in both languages: the same facts in the same order as on the screen."""
    from holder.consent_facts import FactKind, consent_facts  # noqa: PLC0415 - `passport --help` waits for nothing

    lines = []
    for fact in consent_facts(view if speaks_chinese() else _without_chinese_names(view)):
        said = beside(fact.value.en, fact.value.zh_tw, whole=True)
        if not speaks_chinese():
            said = said.translate(_PLAIN_QUOTES)
        if fact.name is not None:
            said = f"{both(fact.name)}: {said}"
        lines.append(said if fact.kind in {FactKind.ASKED, FactKind.GROUP} else f"  {said}")
    return lines


def _without_chinese_names(view: ConsentView) -> ConsentView:
    """The English facts set names in both languages beside each other, which not every terminal can write."""
    return replace(
        view,
        verifier_name=_english(view.verifier_name),
        credentials=tuple(replace(each, title=_english(each.title)) for each in view.credentials),
    )


def _english(words: Words) -> Words:
    return words.model_copy(update={"zh_tw": words.en})


def both(words: Words) -> str:
    """A stranger's words in both languages beside each other, made safe; once where they are the same."""
    return beside(words.en, words.zh_tw)


def beside(en: str, zh_tw: str, *, whole: bool = False) -> str:
    """The same for words that stand apart."""
    en, zh_tw = safe(en, whole=whole), safe(zh_tw, whole=whole)
    return en if en == zh_tw else in_both(en, zh_tw)


def phrase_lines(words: str) -> list[str]:
    """The recovery phrase, and until when it can be seen."""
    lines = [
        "Your recovery phrase. Write it down and keep it apart; `passport wallet phrase` shows it until --confirm:",
        f"  {words}",
    ]
    if speaks_chinese():
        lines.insert(
            1,
            "您的復原短語，請抄寫並分開保管；`passport wallet phrase` 可再次顯示，直到加上 --confirm 確認：",
        )
    return lines


def again_lines(path: object) -> list[str]:
    """Where the recovery phrase is, if the answer that held it was lost."""
    command = f"passport wallet phrase --wallet {path}"
    said = in_both(
        f"the wallet was made; its recovery phrase: {command}", f"已建立錢包；顯示復原短語：{command}"
    )
    return [f"passport: {said}"]


def line_of(credential: CredentialSummary) -> str:
    """A credential in one line."""
    until = ""
    if credential.expires_at is not None:
        day = f"{credential.expires_at:%Y-%m-%d}"
        until = ", " + (
            in_both(f"expired on {day}", f"已於 {day} 到期")
            if credential.expired
            else f"{in_both('until', '至')} {day}"
        )
    checked = (
        ""
        if credential.signature_checked
        else f" ({in_both('signature not checked by this wallet', '本錢包未核對簽章')})"
    )
    free, total = credential.free_copies, len(credential.copies)
    copies = in_both(
        f"{free} of {counted(total, 'copy', 'copies')} unused", f"{total} 份副本中尚有 {free} 份未出示"
    )
    return f"{both(credential.title)} {in_both('by', '核發')} {both(credential.issuer_words)}{until}{checked}; {copies}"


def status_words(status: str | None) -> str:
    """What a bank says of a credential, after its line."""
    said = _STATUS_WORDS[status]
    return "" if said is None else f"; {in_both(*said)}"
