"""What the wallet's commands say: a credential, an offer, a question and a receipt, in words for people and for scripts.

What banks and verifiers say is printed through ``safe`` only. Both languages stand beside each other, since a script's
terminal has no switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cli.answering import counted, safe

if TYPE_CHECKING:
    from datetime import datetime

    from holder import Asked, ConsentView, CredentialSummary, LedgerLook, OfferView, Presentation
    from passport.registry import Words

# Revoked and suspended read alike, whatever the cause: the difference could tip somebody off.
STATUS_WORDS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "",
        "valid": "; valid / 有效",
        "paused": "; your bank has paused this, ask your bank / 您的銀行已暫停此憑證，請洽銀行",
        "unknown": "; its status cannot be found out now / 目前無法查詢其狀態",
    }
)


def describe(credential: CredentialSummary) -> Mapping[str, object]:
    """A credential for scripts."""
    return {
        "id": credential.reference,
        "type": credential.type,
        "format": credential.format,
        "title": {"en": credential.title.en, "zh-TW": credential.title.zh_tw},
        "issuer": credential.issuer_url,
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
    minute = f"{look.checked_at:%Y-%m-%d %H:%M} UTC"
    words = (
        f"The ledger could not be reached: this rests on what it said at {minute}.",
        f"無法連線至帳本：本次依據其於 {minute} 的紀錄。",
    )
    return [" / ".join(words)]


def _offline_line(checked_at: datetime) -> str:
    return (
        f"  The ledger cannot be reached; this is what it said at {checked_at:%Y-%m-%d %H:%M} UTC. / "
        "目前無法連線至帳本，以上為其於該時的紀錄。"
    )


def offer_lines(view: OfferView) -> list[str]:
    """Who offers what, as the registry knows them: before any code is typed for them."""
    name = view.issuer_name
    known = "not available now; know the bank by its address / 目前無法取得，請依網址辨識銀行"
    if name is not None:
        known = f"{safe(name.en)} / {safe(name.zh_tw)}"
    return [
        f"Registered name / 登記名稱: {known}",
        f"  {safe(view.issuer_url)} is accredited ({view.issuer_did}) and offers: {safe(', '.join(view.offered))}",
        *([_offline_line(view.accredited.checked_at)] if view.accredited.offline else []),
    ]


def asked_lines(asked: Asked) -> list[str]:
    """Who asks, and for what."""
    return [
        f"Who asks / 請求者: {both(asked.verifier_name)} ({safe(asked.verifier_did)})",
        f"For what / 目的: {both(asked.purpose)}",
    ]


def consent_lines(view: ConsentView) -> list[str]:
    """The whole question, in both languages: the same facts in the same order as on the screen."""
    from holder.consent_facts import FactKind, consent_facts  # noqa: PLC0415 - `passport --help` waits for nothing

    lines = []
    for fact in consent_facts(view):
        said = both(fact.value)
        if fact.name is not None:
            said = f"{both(fact.name)}: {said}"
        lines.append(said if fact.kind in {FactKind.ASKED, FactKind.GROUP} else f"  {said}")
    return lines


def both(words: Words) -> str:
    """A stranger's words in both languages beside each other, made safe; once where they are the same."""
    return beside(words.en, words.zh_tw)


def beside(en: str, zh_tw: str) -> str:
    """The same for words that stand apart."""
    en, zh_tw = safe(en), safe(zh_tw)
    return en if en == zh_tw else f"{en} / {zh_tw}"


def phrase_lines(words: str) -> list[str]:
    """The recovery phrase, and until when it can be seen."""
    return [
        "Your recovery phrase. Write it down and keep it apart; `passport wallet phrase` shows it until --confirm:",
        "您的復原短語，請抄寫並分開保管；`passport wallet phrase` 可再次顯示，直到加上 --confirm 確認：",
        f"  {words}",
    ]


def again_lines(path: object) -> list[str]:
    """Where the recovery phrase is, if the answer that held it was lost."""
    command = f"passport wallet phrase --wallet {path}"
    return [
        f"passport: the wallet was made; its recovery phrase: {command} / 已建立錢包；顯示復原短語：{command}"
    ]


def line_of(credential: CredentialSummary) -> str:
    """A credential in one line."""
    until = ""
    if credential.expires_at is not None:
        day = f"{credential.expires_at:%Y-%m-%d}"
        until = f", expired on {day} / 已於 {day} 到期" if credential.expired else f", until / 至 {day}"
    checked = (
        "" if credential.signature_checked else " (signature not checked by this wallet / 本錢包未核對簽章)"
    )
    free, total = credential.free_copies, len(credential.copies)
    return (
        f"{safe(credential.title.en)} / {safe(credential.title.zh_tw)} by / 核發 {safe(credential.issuer_url)}{until}"
        f"{checked}; {free} of {counted(total, 'copy', 'copies')} unused / {total} 份副本中尚有 {free} 份未出示"
    )
