"""What the sandbox's participants registered with the registrar: the documents behind the grants' evidence hashes.

Bank X's says what Taiwan's PDPA Art. 8 wants a person told before data is collected (domain notes, section 9).
"""

from __future__ import annotations

from passport.registry import DataCategory, IssuerRegistration, Purpose, VerifierRegistration, Words
from sandbox.world import Institution


def words(en: str, zh_tw: str) -> Words:
    """The same sentence in both languages."""
    return Words.model_validate({"en": en, "zh-TW": zh_tw})


def issuer_registration(bank: Institution, did: str, base_url: str) -> IssuerRegistration:
    """What a bank may call itself in a credential."""
    return IssuerRegistration(
        did=did,
        legal_name=words(bank.name_en, bank.name_zh),
        lei=str(bank.lei),
        bic=str(bank.bic),
        bank_code=bank.bank_code,
        country=str(bank.country),
        licence=bank.licence,
        contact=bank.contact,
        base_url=base_url,
    )


def verifier_registration(bank: Institution, did: str, hub_did: str | None) -> VerifierRegistration:
    """Who asks, why, for what, how long it is kept, where, and what a person may do about it."""
    return VerifierRegistration(
        did=did,
        legal_name=words(bank.name_en, bank.name_zh),
        lei=str(bank.lei),
        country=str(bank.country),
        contact=bank.contact,
        purposes=(
            Purpose(
                id="account-opening",
                words=words(
                    "To decide on your application for a bank account, as the law of Singapore requires.",
                    "依新加坡法規審核您的開戶申請。",
                ),
            ),
        ),
        data_categories=(
            DataCategory(
                id="identity", words=words("Identity (C001, C003)", "識別個人者、政府資料中之辨識者")
            ),
            DataCategory(
                id="finances", words=words("Financial standing (C081, C082)", "收入、所得、資產與投資、負債")
            ),
        ),
        retention_days=1825,
        retention=words(
            "The decision: five years. What you show: read once and not kept; where a person must review it, kept until the "
            "review ends, at most 7 days.",
            "決定紀錄自決定日起保存五年。您出示的資料僅讀取一次，不予保存；需人工審核時，保存至審核完成，最長 7 日。",
        ),
        recipients=words(
            "The bank itself, in Singapore. The fraud hub is asked about the account, without your name or figures.",
            "僅限位於新加坡的本行。將向金流 Hub 查詢帳戶風險，但不提供您的姓名與金額。",
        ),
        rights=words(
            "You may ask to see, copy, correct or delete what is kept, or to stop its use, at the contact above.",
            "您得向上述聯絡窗口請求查詢、閱覽、複製、更正、停止蒐集處理利用或刪除。",
        ),
        if_refused=words(
            "Without this the bank cannot open an account for you; nothing else follows.",
            "若不提供，本行將無法為您開戶，除此之外不生其他影響。",
        ),
        asks_hub=hub_did is not None,
        hub=hub_did,
    )
