"""What waits, who banks here, and who did what, in lines for the bank's officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cli.answering import counted, safe
from passport.claims import Money
from passport.clock import from_epoch
from passport.strict_json import JsonObject, as_object, get_array, get_integer, get_object, get_text

FIRST, SECOND = "officer-1", "officer-2"
_WHY: Final[Mapping[str, str]] = {
    "large_amount": "the amount is over the limit above which two people agree / 金額超過上限，須由兩位承辦人員同意",
    "fraud_review": "the fraud hub says that a person should look / 金流 Hub 建議人工審視",
    "fraud_unknown": "the fraud hub could not be asked, or would not answer: nothing is known, which is no all-clear / "
    "無法向金流 Hub 查詢或未獲回覆：情況不明，並非查無異常",
}
ACT_WORDS: Final[Mapping[str, str]] = {
    "offer": "made an offer to",
    "approve": "agreed to an offer to",
    "decline": "declined an offer to",
    "suspend": "suspended",
    "reinstate": "reinstated",
    "ask_revocation": "asked to revoke credentials of",
    "decline_revocation": "declined to revoke credentials of",
    "revoke": "revoked credentials of",
    "cause_gone": "told the hub that the cause is gone for",
    "lift": "heard that the police lifted the warning of",
    "answer_task": "answered a task of the hub about",
}
"""Every kind of act, as the record tells it."""
_CHANGES_COPIES: Final = frozenset({"suspend", "reinstate", "revoke", "cause_gone", "lift"})
_NO_REASON: Final = "none_given"


def another(*taken: str | None) -> str:
    """An officer who has not acted yet: the commands that are proposed run as they stand."""
    return next((one for one in (SECOND, FIRST) if one not in taken), SECOND)


_TRACKS: Final[Mapping[str, str]] = {
    "warning": "a police warning is in force",
    "derived": "restricted because of a warning on another account of the same person",
    "impersonated": "opened with somebody else's identity",
    "admonition": "the police have admonished the holder",
    "earmark": "the police have earmarked an amount",
}


def customer_lines(one: JsonObject) -> list[str]:
    """A customer: names, and what is restricted."""
    copies = ", ".join(f"{number} {status}" for status, number in get_object(one, "copies").items() if number)
    restricted = ", ".join(str(kind) for kind in get_array(one, "restrictions"))
    return [
        f"{safe(get_text(one, 'customer'))}  {safe(get_text(one, 'name_latin'))}  {safe(get_text(one, 'name_zh'))}  "
        f"{counted(get_integer(one, 'accounts'), 'account', 'accounts')}; copies: {copies or 'none'}"
        + (f"; RESTRICTED: {restricted}" if restricted else "")
    ]


def queue_lines(entry: JsonObject) -> list[str]:
    """An offer that waits: since when, who made it, why it waits, over which amounts, and what the hub said."""
    approvals = [str(one) for one in get_array(entry, "approvals")]
    missing = get_integer(entry, "approvals_needed") - len(approvals)
    offer_id = get_text(entry, "offer_id")
    reasons = [str(one) for one in get_array(entry, "reasons")]
    return [
        f"{offer_id}  {safe(get_text(entry, 'customer'))}: "
        + ", ".join(str(one) for one in get_array(entry, "credentials")),
        (
            f"    waits since {instant(get_integer(entry, 'created_at'))}; made by {safe(get_text(entry, 'requested_by'))}; "
            f"agreed: {', '.join(approvals) or 'nobody yet'}; {counted(missing, 'officer is', 'officers are')} missing"
        ),
        *[f"    why: {_WHY.get(reason, reason)}" for reason in reasons],
        *_amount_lines(entry),
        *_hub_lines(entry),
        f"    passport bank approve {offer_id} --officer {another(get_text(entry, 'requested_by'), *approvals)}",
        f"    passport bank decline {offer_id} --reason WORD",
    ]


def _amount_lines(entry: JsonObject) -> list[str]:
    if not isinstance(entry.get("amount"), dict):
        return []
    amount = get_object(entry, "amount")
    usd = {
        name: str(Money("USD", get_integer(amount, f"{name}_usd_minor")))
        for name in ("total", "available", "min28d")
    }
    lines = [
        (
            f"    amount: {usd['total']} as of {get_text(amount, 'as_of')}; available {usd['available']}; "
            f"least available in 28 days {usd['min28d']}"
        )
    ]
    for one in map(as_object, get_array(amount, "accounts")):
        currency = get_text(one, "currency")
        balance, available = (
            Money(currency, get_integer(one, f"{name}_minor")) for name in ("balance", "available")
        )
        lines.append(
            f"        {get_text(one, 'account')} ({get_text(one, 'ownership')}): {balance}"
            + (f", available {available}" if available != balance else "")
        )
    return lines


def _hub_lines(entry: JsonObject) -> list[str]:
    if not isinstance(entry.get("fraud_check"), dict):
        return ["    hub: no verdict"]
    said = get_object(entry, "fraud_check")
    truncated = "; not everything was looked at, a bound was reached" if said.get("truncated") is True else ""
    lines = [
        (
            f"    hub: {get_text(said, 'verdict')} as of {get_text(said, 'as_of')}, by rule {get_text(said, 'rule')}, "
            f"looking {counted(get_integer(said, 'depth'), 'hop', 'hops')} deep{truncated}"
        )
    ]
    return lines + [f"        {_ground(as_object(one))}" for one in get_array(said, "grounds")]


def _ground(one: JsonObject) -> str:
    """One reason; accounts of other banks have no name here."""
    account = get_text(one, "account")
    about = f"account {account}" if account else "the person"
    notice = f" (notice {safe(get_text(one, 'notice'))})" if get_text(one, "notice") else ""
    track = get_text(one, "track")
    if track:
        return f"{about}: {_TRACKS.get(track, safe(track))}{notice}"
    warned = get_text(one, "warned_account")
    hops = one.get("hops")
    way = f"{counted(hops, 'hop', 'hops')} " if isinstance(hops, int) else ""
    return (
        f"{about}: money came {way}from {'the warned account ' + warned if warned else 'a warned account of another bank'}, "
        f"over {counted(get_integer(one, 'transfers'), 'transfer', 'transfers')}{notice}"
    )


def revocation_lines(one: JsonObject) -> list[str]:
    """A revocation that waits for a second officer."""
    customer = one.get("customer")
    what = f"every credential of {safe(str(customer))}" if customer else f"copy {one.get('credential_id')}"
    note = get_text(one, "note")
    revocation_id = get_text(one, "revocation_id")
    return [
        f"{revocation_id}  revoke {what}, for good",
        f"    waits since {instant(get_integer(one, 'asked_at'))}; asked for by {safe(get_text(one, 'asked_by'))}: "
        f"{safe(get_text(one, 'reason'))}" + (f" ({safe(note)})" if note else ""),
        f"    passport bank approve {revocation_id} --officer {another(get_text(one, 'asked_by'))}",
        f"    passport bank decline {revocation_id} --reason WORD",
    ]


def act_lines(one: JsonObject) -> list[str]:
    """One act of the record; how many copies it changed, where it is of a kind that changes some."""
    person, kind = one.get("person"), get_text(one, "act")
    note, reason = get_text(one, "note"), get_text(one, "reason")
    changed = counted(get_integer(one, "copies_changed"), "copy", "copies")
    return [
        f"{get_integer(one, 'number')}  {instant(get_integer(one, 'at'))}  {safe(get_text(one, 'caller'))}"
        + (f" ({safe(str(person))})" if person else "")
        + f"  {ACT_WORDS.get(kind, safe(kind))}  {safe(str(one.get('customer') or ''))}  "
        + ("no reason given" if reason == _NO_REASON else safe(reason))
        + (f": {safe(note)}" if note else "")
        + (f"  [{changed}]" if kind in _CHANGES_COPIES else "")
    ]


def instant(epoch: int) -> str:
    """A moment as the record names it."""
    return from_epoch(epoch).isoformat().replace("+00:00", "Z")
