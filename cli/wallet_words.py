"""What the wallet's commands say: a credential, an offer, a question and a receipt, in words for people and for scripts.

What banks and verifiers say is printed through ``safe`` only. Both languages stand beside each other, since a script's
terminal has no switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cli.answering import counted

if TYPE_CHECKING:
    from holder import ConsentView, CredentialSummary, OfferView, Presentation
    from passport.registry import Words

# Revoked and suspended read alike, whatever the cause: the difference could tip somebody off.
STATUS_WORDS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "",
        "valid": "; valid",
        "paused": "; your bank has paused this, ask your bank / 您的銀行已暫停此憑證，請洽銀行",
        "unknown": "; its status cannot be found out now",
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
            {"slot": copy.slot, "shown_to": copy.shown_to, "sha256": copy.sha256}
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


def offer_lines(view: OfferView) -> list[str]:
    """Who offers what, as the registry knows them: before any code is typed for them."""
    name = view.issuer_name
    known = "not available now; know the bank by its address / 目前無法取得，請依網址辨識銀行"
    if name is not None:
        known = f"{safe(name.en)} / {safe(name.zh_tw)}"
    return [
        f"Registered name / 登記名稱: {known}",
        f"  {safe(view.issuer_url)} is accredited ({view.issuer_did}) and offers: {safe(', '.join(view.offered))}",
    ]


def consent_lines(view: ConsentView) -> list[str]:
    """The whole question, in both languages: who, for what, what is shown, what stays hidden, and the rights."""
    lines = [
        f"{_both(view.verifier_name)} ({view.country}, LEI {view.verifier_lei}) asks / 請求出示.",
        f"  Purpose / 目的: {_both(view.purpose)}",
        f"  Categories / 類別: {'; '.join(_both(each) for each in view.categories)}",
        f"  Kept / 保存期間: {_both(view.retention)}",
        f"  Received by / 利用對象: {_both(view.recipients)}",
        f"  Contact / 聯絡窗口: {safe(view.verifier_contact)}",
        f"  Your rights / 權利: {_both(view.rights)}",
        f"  If you say no / 不提供之影響: {_both(view.if_refused)}",
    ]
    if view.asks_hub:
        lines.append("  It asks the fraud hub about the account first. / 將先向金流 Hub 查詢。")
    for credential in view.credentials:
        lines.append(f"  From {_both(credential.title)}:")
        lines += [
            f"    shown / 出示: {_both(claim.label)} = {_both(claim.value)}" for claim in credential.shown
        ]
        hidden = "; ".join(_both(label) for label in credential.hidden)
        lines.append(f"    stays hidden / 不出示: {hidden or '-'}")
    if view.offline:
        lines.append(
            f"  The ledger cannot be reached; this is what it said at {view.checked_at:%Y-%m-%d %H:%M} UTC. / "
            "目前無法連線至帳本，以上為其於該時的紀錄。"
        )
    if view.seen_before:
        lines.append(
            "  It has seen this copy before and will know that you are the same person. / "
            "對方曾看過此副本，將會知道是同一個人。"
        )
    if view.reuse is not None:
        lines.append(
            f"  No unused key is left: {safe(view.reuse.seen_by_name)} has seen this one, and the two could find out "
            "that they know the same person. / 已無未出示的副本：兩者可能因此得知彼此認識同一個人。"
        )
    return lines


def _both(words: Words) -> str:
    """A stranger's words in both languages beside each other, made safe; once where they are the same."""
    en, zh = safe(words.en), safe(words.zh_tw)
    return en if en == zh else f"{en} / {zh}"


def phrase_lines(words: str) -> list[str]:
    """The recovery phrase, once."""
    return ["Your recovery phrase, shown this once. Write it down and keep it apart:", f"  {words}"]


def line_of(credential: CredentialSummary) -> str:
    """A credential in one line."""
    until = "" if credential.expires_at is None else f", until {credential.expires_at:%Y-%m-%d}"
    ended = " (expired)" if credential.expired else ""
    ended += "" if credential.signature_checked else " (signature not checked by this wallet)"
    return (
        f"{safe(credential.title.en)} / {safe(credential.title.zh_tw)} by {safe(credential.issuer_url)}{until}"
        f"{ended}; {credential.free_copies} of {counted(len(credential.copies), 'copy', 'copies')} unused"
    )


def safe(text: str) -> str:
    """A stranger's text as one harmless line."""
    from holder import safe_text  # noqa: PLC0415 - `passport --help` waits for nothing

    return safe_text(text)
