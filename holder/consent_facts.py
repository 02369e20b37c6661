"""What a person reads before anything is disclosed, as named facts in both languages.

The one source for the screen and for the command line, so that neither shows less than the other (domain section 9;
PDPA Art. 8). Leaves out how it looks, and the buttons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from holder.consent import ConsentView
from holder.countries import country_words
from holder.labels import whole_words, words
from holder.local_time import local_minute
from passport.registry import Words


class FactKind(StrEnum):
    """How much a fact wants to be seen."""

    ASKED = "asked"
    """Who asks, and that they do."""
    WARNING = "warning"
    NOTE = "note"
    GROUP = "group"
    """A heading over what follows."""
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Named:
    """A name and a value; sentences have no name."""

    kind: FactKind
    name: Words | None
    value: Words
    key: str = ""
    """What this is, where somebody must find it again."""


WHO: Final = words("Who asks", "請求者")
WHERE: Final = words("Goes to", "送往國家")
PURPOSE: Final = words("For what", "目的")
HIDDEN: Final = words("Stays hidden", "不出示")
ALWAYS: Final = words("Always visible", "必然可見")
REST: Final = words("What the law wants you to know", "法定告知事項")
CATEGORIES: Final = words("Categories of data", "個人資料類別")
RETENTION: Final = words("How long it is kept", "保存期間")
RECIPIENTS: Final = words("Who receives it", "利用對象")
RIGHTS: Final = words("Your rights", "您的權利")
CONTACT: Final = words("Contact", "聯絡窗口")
IF_REFUSED: Final = words("If you say no", "不提供之影響")
HUB: Final = words("Fraud check", "詐欺查核")
ANSWER_TO: Final = words("The answer goes to", "回覆送往")
IDENTITY: Final = words("Registered as", "登記身分")
CHECKED: Final = words("The ledger's last block", "帳本最後區塊時間")
UNTIL: Final = words("The request ends", "請求期限")
_HUB_YES: Final = words(
    "Before reading anything it asks the fraud hub about the account, by a random handle.",
    "讀取任何資料前，將以隨機代號向金流 Hub 查詢帳戶。",
)
_HUB_NO: Final = words("The fraud hub is not asked.", "不查詢金流 Hub。")
_SEEN_BEFORE: Final = words(
    "It has seen this copy before and will know that you are the same person.",
    "對方曾看過此副本，將會知道是同一個人。",
)


def consent_facts(view: ConsentView) -> tuple[Named, ...]:
    """The whole question: who asks, warnings, what they would see and what not, then what the law wants told."""
    return (*_question(view), *_warnings(view), *_asker(view), *_disclosures(view), *_rest(view))


def _question(view: ConsentView) -> Iterable[Named]:
    name = _beside(view.verifier_name)
    asks = whole_words(f"{name.en} asks to see the following.", f"{name.zh_tw} 請求查看以下資料。")
    yield Named(FactKind.ASKED, None, asks, "asks")


def _warnings(view: ConsentView) -> Iterable[Named]:
    if view.reuse is not None:
        other = view.reuse.seen_by_name
        said = whole_words(
            f"No unused copy is left. {other} has seen the one that would be shown: the two could find out that they "
            "know the same person.",
            f"已無未出示的副本。{other} 看過即將出示的這一份：兩者可能因此得知彼此認識同一個人。",
        )
        yield Named(FactKind.WARNING, None, said, "reuse")
    if view.offline:
        at = local_minute(view.checked_at)
        said = whole_words(
            f"The ledger cannot be reached now: this is what it said as of its block of {at}.",
            f"目前無法連線至帳本：以下為其截至 {at} 區塊的紀錄。",
        )
        yield Named(FactKind.WARNING, None, said, "offline")
    if view.seen_before:
        yield Named(FactKind.NOTE, None, _SEEN_BEFORE, "seen-before")


def _asker(view: ConsentView) -> Iterable[Named]:
    name = _beside(view.verifier_name)
    yield _fact(WHO, f"{name.en}, LEI {view.verifier_lei}", f"{name.zh_tw}，LEI {view.verifier_lei}")
    yield Named(FactKind.FACT, WHERE, country_words(view.country))
    yield Named(FactKind.FACT, PURPOSE, view.purpose)


def _disclosures(view: ConsentView) -> Iterable[Named]:
    for credential in view.credentials:
        title = _beside(credential.title)
        yield Named(
            FactKind.GROUP,
            None,
            whole_words(f"From “{title.en}” they would see:", f"將出示「{title.zh_tw}」中的："),
        )
        for claim in credential.shown:
            yield Named(FactKind.FACT, claim.label, claim.value)
        yield Named(FactKind.FACT, HIDDEN, listed(credential.hidden))
        yield Named(FactKind.FACT, ALWAYS, listed(credential.always_visible))


def _rest(view: ConsentView) -> Iterable[Named]:
    yield Named(FactKind.GROUP, None, REST)
    yield Named(FactKind.FACT, CATEGORIES, listed(view.categories))
    days = "day" if view.retention_days == 1 else "days"
    yield _fact(
        RETENTION,
        f"{view.retention.en} ({view.retention_days} {days})",
        f"{view.retention.zh_tw}（{view.retention_days} 日）",
    )
    yield Named(FactKind.FACT, RECIPIENTS, view.recipients)
    yield Named(FactKind.FACT, HUB, _HUB_YES if view.asks_hub else _HUB_NO)
    yield _fact(CONTACT, view.verifier_contact)
    yield Named(FactKind.FACT, RIGHTS, view.rights)
    yield Named(FactKind.FACT, IF_REFUSED, view.if_refused)
    yield _fact(ANSWER_TO, view.answers_to)
    yield _fact(IDENTITY, view.verifier_did)
    yield _fact(CHECKED, local_minute(view.checked_at))
    if view.expires_at is not None:
        yield _fact(UNTIL, local_minute(view.expires_at))


def listed(parts: Iterable[Words]) -> Words:
    """Names in one line, as each language lists them; a dash for none."""
    found = list(parts)
    if not found:
        return words("-", "-")
    return whole_words("; ".join(each.en for each in found), "、".join(each.zh_tw for each in found))


def _fact(name: Words, en: str, zh_tw: str | None = None) -> Named:
    return Named(FactKind.FACT, name, whole_words(en, en if zh_tw is None else zh_tw))


def _beside(said: Words) -> Words:
    """A name in both languages beside each other, whichever is spoken."""
    if said.en == said.zh_tw:
        return said
    return whole_words(f"{said.en} {said.zh_tw}", f"{said.zh_tw} {said.en}")
