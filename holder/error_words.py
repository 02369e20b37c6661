"""Errors for the wallet's owner, in both languages: what happened, and what can be done.

Whatever a fraud check causes, and whatever a status says, reads the same, with no detail (domain section 7, threat
T39): a screen or a command must not tell a suspect more than an honest customer. Errors that bring their own words
(``SaidInBoth``) are said in those; for the others there is a sentence by kind or reason, and the error's own message,
which names the place, stands below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from holder.errors import NothingToShow, NotSaved, SaidInBoth, WalletDamaged, WrongPassphrase
from holder.labels import words
from holder.remote.issuer_client import IssuerRefused
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected, Unavailable
from passport.openid4vci import ErrorCode
from passport.registry import Words

PAUSED: Final = words(
    "Your bank has paused this. Ask your bank.",
    "您的銀行已暫停此項服務，請洽詢您的銀行。",
)
_PAUSING: Final = frozenset(
    {
        Reason.FRAUD_BLOCK,
        Reason.FRAUD_REVIEW,
        Reason.FRAUD_UNKNOWN,
        Reason.SUSPENDED,
        Reason.REVOKED,
        Reason.STATUS_UNAVAILABLE,
        Reason.STATUS_STALE,
        Reason.STATUS_ROLLED_BACK,
        Reason.STATUS_INVALID,
    }
)
_BY_CLASS: Final[tuple[tuple[type[PassportError], Words], ...]] = (
    (
        WrongPassphrase,
        words(
            "This passphrase does not open the wallet. Nothing was changed; try again.",
            "此密碼無法開啟錢包；未做任何更動，請再試一次。",
        ),
    ),
    (
        WalletDamaged,
        words(
            "The wallet file is damaged; this is not about your passphrase. Nothing was changed. Put back a copy of "
            "the file, or make a new wallet from your recovery phrase: passport wallet init --restore",
            "錢包檔案已損毀，與密碼無關；未做任何更動。請還原檔案備份，或以復原短語重建錢包："
            "passport wallet init --restore",
        ),
    ),
    (
        NotSaved,
        words("The disk refused, and nothing was sent or lost.", "無法寫入磁碟；未送出也未遺失任何資料。"),
    ),
)
_BY_REASON: Final[dict[Reason, Words]] = {
    Reason.ISSUER_NOT_ACCREDITED: words(
        "Nobody vouches for whoever makes this offer. Do not type any code for them.",
        "此發行者未獲認證。請勿輸入任何驗證碼。",
    ),
    Reason.ISSUER_SUSPENDED: words(
        "This bank may not issue credentials at present. Do not type any code.",
        "此銀行目前不得核發憑證。請勿輸入任何驗證碼。",
    ),
    Reason.VERIFIER_NOT_ACCREDITED: words(
        "Nobody vouches for whoever asks. Nothing was sent.", "此請求者未獲認證，未送出任何資料。"
    ),
    Reason.NOTHING_TO_SHOW: words(
        "Your wallet holds nothing that answers this request. Nothing was sent, and nobody was told.",
        "錢包內沒有符合此請求的憑證。未送出任何資料，也未告知任何人。",
    ),
    Reason.NO_FREE_SLOT: words(
        "Every copy has been seen by somebody. Ask your bank for new ones, or allow that one is used again.",
        "所有副本都已出示過。請向銀行申請新的副本，或同意重複使用。",
    ),
    Reason.EXPIRED: words("This is too old. Ask for a new one.", "已逾期，請重新申請。"),
    Reason.NOT_FOUND: words("It is no longer there. Ask for a new one.", "已不存在，請重新申請。"),
    Reason.NOT_AUTHORISED: words(
        "The bank did not accept the code. It may be wrong (five tries are allowed), or the offer was used or is too old.",
        "銀行不接受此驗證碼：可能輸入錯誤（最多可試五次），或邀請已使用或逾期。",
    ),
    Reason.DESTINATION_RESTRICTED: words(
        "Personal data may not be sent to that country now. Nothing was sent.",
        "依法目前不得將個人資料傳送至該國，未送出任何資料。",
    ),
    Reason.TRANSACTION_CLOSED: words(
        "This request was answered already. Ask for a new one.", "此請求已有回覆，請重新申請。"
    ),
    Reason.LEDGER_UNAVAILABLE: words(
        "The ledger cannot be reached, so nobody can be trusted now. Try again later.",
        "無法連線至帳本，目前無法確認對方身分，請稍後再試。",
    ),
    Reason.WRONG_CHAIN: words(
        "This is not the ledger that the wallet knows. Nothing was sent.",
        "此帳本並非錢包所認識的帳本，未送出任何資料。",
    ),
    Reason.SCHEMA_INVALID: words(
        "The bank offers something that this wallet does not know.", "銀行提供的憑證類型不明。"
    ),
}
_UNREADABLE: Final = words("This could not be read.", "無法讀取。")
_REFUSED: Final = words("This was not accepted.", "未被接受。")
_LATER: Final = words(
    "It could not be reached. Nothing is lost: try again.", "目前無法連線；資料未遺失，請再試一次。"
)
_OURS: Final = words("Something is not set up.", "設定有誤。")
WHO_ASKS: Final = words("Who asks", "請求者")
FOR_WHAT: Final = words("For what", "目的")
MISSING: Final = words("What is missing", "缺少")


@dataclass(frozen=True, slots=True)
class Explained:
    """What to say, and the detail to say below it, if any may be said; the detail is a message in English."""

    en: str
    zh_tw: str
    detail: str | None = None
    facts: tuple[tuple[Words, Words], ...] = ()
    """Name and value, in both languages, to stand below."""


def explain(error: PassportError) -> Explained:
    """The words for an error."""
    if pauses(error):
        return Explained(PAUSED.en, PAUSED.zh_tw)
    if isinstance(error, NothingToShow):
        said = _BY_REASON[error.reason]
        return Explained(said.en, said.zh_tw, facts=unanswered_facts(error))
    if isinstance(error, SaidInBoth):
        return Explained(str(error), error.zh_tw)
    said = _sentence(error)
    told_enough = said in _BY_REASON.values() or isinstance(error, WrongPassphrase)
    return Explained(said.en, said.zh_tw, None if told_enough else str(error))


def unanswered_facts(error: NothingToShow) -> tuple[tuple[Words, Words], ...]:
    """Of a request that cannot be met: who asks, for what, and each condition that fails."""
    asked = error.asked
    return (
        (WHO_ASKS, asked.verifier_name),
        (FOR_WHAT, asked.purpose),
        *((MISSING, each) for each in error.missing),
    )


def pauses(error: PassportError) -> bool:
    """Whether the error comes, or may come, of a fraud check or of a credential's status."""
    if isinstance(error, IssuerRefused) and error.code is ErrorCode.CREDENTIAL_REQUEST_DENIED:
        return True
    return isinstance(error, Rejected | Unavailable) and error.reason in _PAUSING


def _sentence(error: PassportError) -> Words:
    for kind, said in _BY_CLASS:
        if isinstance(error, kind):
            return said
    match error:
        case Malformed():
            return _UNREADABLE
        case Rejected():
            return _BY_REASON.get(error.reason, _REFUSED)
        case Unavailable():
            return _BY_REASON.get(error.reason, _LATER)
        case Misconfigured():
            return _OURS
        case _:
            return _REFUSED
