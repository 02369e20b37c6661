"""Every reason code in words for the officers who read it, in both languages; the codes themselves stay in ``--json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cli.answering import safe
from passport.errors import Reason

REASON_WORDS: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.TRANSACTION_UNKNOWN: ("no such request was made here", "查無此項請求"),
    Reason.TRANSACTION_CLOSED: ("the request had ended", "此項請求已結束"),
    Reason.ALREADY_RECEIVED: ("an answer had come before", "先前已收到回覆"),
    Reason.NONCE_MISMATCH: ("the answer belongs to another request", "回覆內容屬於另一項請求"),
    Reason.AUDIENCE_MISMATCH: ("the answer was meant for somebody else", "回覆內容的收件對象不是本行"),
    Reason.HOLDER_BINDING_INVALID: (
        "who showed it did not prove that it is theirs",
        "出示者未能證明為憑證持有人",
    ),
    Reason.HOLDER_BINDING_STALE: ("the proof of possession is too old", "持有證明已逾時"),
    Reason.SIGNATURE_INVALID: ("a signature does not hold", "簽章驗證不符"),
    Reason.ALGORITHM_NOT_ALLOWED: ("it is signed by a method that is not allowed", "使用不允許的簽章方法"),
    Reason.HEADER_NOT_ALLOWED: ("it is marked in a way that is not allowed", "含有不允許的標頭"),
    Reason.DECRYPTION_FAILED: ("the answer could not be decrypted", "回覆內容無法解密"),
    Reason.TOKEN_TYPE_MISMATCH: ("it is a document of another kind", "文件種類不符"),
    Reason.KEY_UNKNOWN: ("the signing key is not known", "簽章金鑰不明"),
    Reason.CERTIFICATE_INVALID: ("a certificate does not hold", "電子憑證無效"),
    Reason.CERTIFICATE_NOT_TRUSTED: ("a certificate is not trusted here", "電子憑證不受信任"),
    Reason.DISCLOSURE_NOT_SIGNED: (
        "something was shown that the bank did not sign",
        "出示了發行銀行未簽署的內容",
    ),
    Reason.DISCLOSURE_INVALID: ("something was shown in a form that does not hold", "出示內容的格式不符"),
    Reason.CREDENTIAL_MISSING: ("a credential that was asked for is missing", "缺少要求的憑證"),
    Reason.CREDENTIAL_NOT_REQUESTED: ("a credential was shown that nobody asked for", "出示了未要求的憑證"),
    Reason.CLAIM_MISSING: ("a detail that was asked for is missing", "缺少要求的資料項目"),
    Reason.CLAIM_NOT_REQUESTED: ("a detail was shown that nobody asked for", "出示了未要求的資料項目"),
    Reason.EXPIRED: ("it has expired", "已逾有效期限"),
    Reason.MALFORMED: ("it cannot be read", "內容無法判讀"),
    Reason.HOLDER_DECLINED: ("the person chose not to show anything", "當事人選擇不出示"),
    Reason.WALLET_UNAVAILABLE: ("the wallet could not answer", "當事人的皮夾無法回覆"),
    Reason.WALLET_REFUSED_REQUEST: ("the wallet did not accept the request", "當事人的皮夾不接受此項請求"),
    Reason.WALLET_ERROR: ("the wallet reported an error", "當事人的皮夾回報錯誤"),
    Reason.NOT_YET_VALID: ("it is not valid yet", "尚未生效"),
    Reason.CHECK_FAILED: ("the check could not be finished", "查驗未能完成"),
    Reason.FRAUD_BLOCK: ("the fraud hub says to stop", "金流 Hub 要求停止辦理"),
    Reason.FRAUD_REVIEW: ("the fraud hub says that a person should look", "金流 Hub 建議人工審視"),
    Reason.FRAUD_UNKNOWN: (
        "the fraud hub could not tell: nothing is known, which is no all-clear",
        "金流 Hub 無法回覆：情況不明，並非查無異常",
    ),
    Reason.ISSUER_NOT_ACCREDITED: ("the issuing bank was not accredited then", "發行銀行當時未獲認可"),
    Reason.ISSUER_SUSPENDED: ("the issuing bank is suspended now", "發行銀行目前遭暫停認可"),
    Reason.ISSUER_NO_LONGER_ACCREDITED: (
        "the issuing bank was accredited then and is no longer",
        "發行銀行當時獲認可，現已非認可銀行",
    ),
    Reason.ISSUER_KEY_UNKNOWN: ("the issuing bank's key was not registered then", "發行銀行的金鑰當時未登記"),
    Reason.ISSUER_KEY_STOLEN: ("the issuing bank's key had been stolen", "發行銀行的金鑰已遭竊"),
    Reason.ISSUER_MISMATCH: ("it names another issuing bank than who signed it", "所載發行銀行與簽署者不符"),
    Reason.ISSUER_NAME_UNCHECKED: ("the issuing bank's name could not be checked", "無法查核發行銀行名稱"),
    Reason.LEDGER_UNAVAILABLE: ("the ledger could not be reached", "無法連線至帳本"),
    Reason.LEDGER_REFUSED: ("the ledger refused", "帳本拒絕此項作業"),
    Reason.WRONG_CHAIN: ("it belongs to another ledger", "屬於另一個帳本"),
    Reason.ANCHOR_PENDING: ("its issue is not on the ledger yet", "發行紀錄尚未登上帳本"),
    Reason.ANCHOR_MISSING: ("its issue is not on the ledger", "帳本上查無發行紀錄"),
    Reason.ISSUED_OUTSIDE_PROMISED_DELAY: (
        "its issue time does not fit the ledger's",
        "發行時間與帳本紀錄不符",
    ),
    Reason.REVOKED: ("it was revoked", "憑證已廢止"),
    Reason.SUSPENDED: ("it is suspended", "憑證已暫停"),
    Reason.STATUS_UNAVAILABLE: ("whether it is still valid could not be told", "無法確認憑證是否仍有效"),
    Reason.STATUS_STALE: ("what is known of its validity is too old", "憑證狀態資料已過時"),
    Reason.STATUS_ROLLED_BACK: ("an older list of validity was served", "收到的憑證狀態清單版本較舊"),
    Reason.STATUS_INVALID: ("the list of validity does not hold", "憑證狀態清單無效"),
    Reason.SCHEMA_INVALID: ("a detail is not of the form that was agreed", "資料項目的格式不符約定"),
    Reason.AS_OF_TOO_OLD: ("the statement's day is too long ago", "證明的基準日過舊"),
    Reason.THRESHOLD_NOT_MET: ("the amount that is asked for is not proven", "未證明達到要求的金額"),
    Reason.DOCUMENT_EXPIRED: ("the identity document has expired", "身分證件已逾有效期限"),
    Reason.HOLDER_UNDER_AGE: ("the person is too young", "當事人未達規定年齡"),
    Reason.SAME_PERSON_UNCLEAR: (
        "it is not clear that all is about one person",
        "無法確認各項憑證屬於同一人",
    ),
    Reason.NAMES_DIFFER: ("the names differ", "姓名不一致"),
    Reason.ACCOUNT_COUNTED_TWICE: ("one account was counted twice", "同一帳戶重複計算"),
    Reason.JOINT_ACCOUNT: ("the account is joint", "聯名帳戶"),
    Reason.JOINT_ACCOUNT_NOT_ALLOWED: ("the account is joint, which is not allowed here", "不接受聯名帳戶"),
    Reason.HOLD_ENDED: ("the hold on the amount has ended", "款項圈存已結束"),
    Reason.DESTINATION_RESTRICTED: ("the destination is restricted", "收款對象受限制"),
    Reason.VERIFIER_NOT_ACCREDITED: ("who asks is not accredited", "請求方未獲認可"),
    Reason.REQUEST_INVALID: ("the request does not hold", "請求內容無效"),
    Reason.NOTHING_TO_SHOW: ("there is nothing to show", "沒有可出示的憑證"),
    Reason.CONSENT_NEEDED: ("the person's consent is needed", "需取得當事人同意"),
    Reason.NO_FREE_SLOT: ("no unused copy is left", "沒有未使用的憑證副本"),
    Reason.LIMIT_EXCEEDED: ("a limit was exceeded", "超過上限"),
    Reason.NOT_FOUND: ("it was not found", "查無資料"),
    Reason.NOT_AUTHORISED: ("this caller may not do that", "無權限辦理"),
    Reason.EPOCH_UNKNOWN: ("it belongs to a period that is not known", "所屬期間不明"),
    Reason.CONFLICT: ("it does not fit how things stand now", "與目前狀態不符"),
    Reason.UPSTREAM_UNAVAILABLE: ("another party could not be reached", "無法連線至其他機構"),
    Reason.DESTINATION_NOT_ALLOWED: ("that address may not be called", "不允許連線的位址"),
    Reason.STORAGE_UNAVAILABLE: ("the storage was not available", "儲存系統無法使用"),
    Reason.OUTCOME_UNKNOWN: ("how it ended is not known", "結果不明"),
}
_STEPS: Final = {
    "envelope": ("what was shown", "出示內容"),
    "fraud_check": ("the fraud check", "金流風險查核"),
    "standing": ("the issuing bank and its word", "發行銀行與憑證效力"),
    "policy": ("what this bank asks for", "本行規定"),
}
_ANSWERS: Final = {
    "accepted": ("in order", "符合"),
    "refused": ("refused", "不符合"),
    "unknown": ("a person must decide", "需由承辦人員判斷"),
    "not_configured": ("not asked", "未查詢"),
}
_HEARD: Final = {
    "opened": ("the account is opened", "准予開戶"),
    "not_opened": ("no account is opened", "不予開戶"),
    "in_review": ("the application is being looked at", "審核中"),
}


def reason_words(code: str) -> tuple[str, str]:
    """A code in words; one that a newer bank made up is told as it came."""
    found = next((said for reason, said in REASON_WORDS.items() if reason == code), None)
    return found or (safe(code), safe(code))


def why_a_person_decides(codes: Iterable[str]) -> list[str]:
    """Each reason as a line of its own."""
    return [
        f"a person must decide: {english} / {chinese}，需由承辦人員判斷"
        for english, chinese in map(reason_words, codes)
    ]


def step_words(step: str, answer: str) -> str:
    """What one step of the check said."""
    (name, name_zh), (said, said_zh) = (
        table.get(code, (safe(code), safe(code))) for table, code in ((_STEPS, step), (_ANSWERS, answer))
    )
    return f"{name}: {said} / {name_zh}：{said_zh}"


def heard_words(code: str) -> str:
    """What the person hears, and what an officer says."""
    english, chinese = _HEARD.get(code, (safe(code), safe(code)))
    return f"{english} / {chinese}"
