"""What claims and credentials are called on a screen, in English and zh-TW.

A label follows from the claim's own name; where a name means different things at different places the longer path
wins. A claim that nobody named here is shown by its own name: hiding it would be worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.openid4vp import Place
from passport.registry import Words


def words(en: str, zh_tw: str) -> Words:
    """One sentence in both languages."""
    return Words.model_validate({"en": en, "zh-TW": zh_tw})


_TYPES: Mapping[str, Words] = MappingProxyType(
    {
        PROOF_OF_FUNDS: words("Proof of funds", "財力證明"),
        PASSPORT_IDENTITY: words("Identity", "身分證明"),
        ACCOUNT_OWNERSHIP: words("Account ownership", "帳戶持有證明"),
    }
)

_CLAIMS: Mapping[tuple[str, ...], Words] = MappingProxyType(
    {
        ("name_latin",): words("Name in Latin script", "英文姓名"),
        ("name_chinese",): words("Name in Chinese", "中文姓名"),
        ("birth_date",): words("Date of birth", "出生日期"),
        ("nationality",): words("Nationality", "國籍"),
        ("document",): words("Identity document", "身分證件"),
        ("document", "type"): words("Kind of document", "證件種類"),
        ("document", "issuing_country"): words("Document issued by", "證件核發國"),
        ("document", "expiry"): words("Document valid until", "證件有效期限"),
        ("assurance_level",): words("How surely you were identified", "身分確認等級"),
        ("issuer",): words("The bank that states it", "出具證明之銀行"),
        ("issuer", "legal_name_en"): words("Bank's name (English)", "銀行英文名稱"),
        ("issuer", "legal_name_zh"): words("Bank's name (Chinese)", "銀行中文名稱"),
        ("issuer", "lei"): words("Bank's LEI", "銀行 LEI"),
        ("issuer", "bic"): words("Bank's BIC", "銀行 BIC"),
        ("issuer", "bank_code"): words("Bank code", "銀行代碼"),
        ("issuer", "country"): words("Bank's country", "銀行所在國"),
        ("issuer", "licence"): words("Bank's licence", "銀行執照"),
        ("issuer", "contact"): words("Bank's contact", "銀行聯絡方式"),
        ("issuer", "officer"): words("Officer", "經辦人員"),
        ("holder",): words("Account holder", "存戶"),
        ("customer_since",): words("Customer since", "往來起始日"),
        ("kind",): words("Kind of statement", "證明種類"),
        ("as_of",): words("Figures as of", "資料基準時點"),
        ("accounts",): words("Accounts", "帳戶"),
        ("any_joint",): words("Includes a joint account", "含聯名帳戶"),
        ("totals",): words("Totals", "合計金額"),
        ("totals", "by_currency"): words("Totals by currency", "各幣別合計"),
        ("totals", "equivalent"): words("Total, converted", "折合金額"),
        ("averages",): words("Averages over time", "期間平均"),
        ("months_3",): words("Average over 3 months", "近三個月平均餘額"),
        ("months_6",): words("Average over 6 months", "近六個月平均餘額"),
        ("average_3m",): words("Average over 3 months", "近三個月平均餘額"),
        ("average_6m",): words("Average over 6 months", "近六個月平均餘額"),
        ("min28d",): words("Minimum over 28 days", "連續 28 日最低餘額"),
        ("held_until",): words("On hold until", "圈存至"),
        ("encumbrance",): words("Pledged or seized", "質押或扣押"),
        ("source_of_funds",): words("Source of funds", "資金來源"),
        ("liabilities",): words("Liabilities", "負債"),
        ("thresholds",): words("Amounts reached", "已達門檻"),
        ("thresholds", "total"): words("Total reaches", "總額達"),
        ("thresholds", "min28d"): words("28-day minimum reaches", "28 日最低額達"),
        ("thresholds", "account_age"): words("Oldest account is at least", "最久帳戶年資達"),
        ("account",): words("Account", "帳戶"),
        ("scheme",): words("Account numbering", "帳號體系"),
        ("masked_number",): words("Account number (masked)", "帳號（遮蔽）"),
        ("type",): words("Account type", "帳戶種類"),
        ("currency",): words("Currency", "幣別"),
        ("ownership",): words("Sole or joint", "單獨或聯名"),
        ("opened_on",): words("Opened on", "開戶日期"),
        ("balance",): words("Balance", "餘額"),
        ("available",): words("Available", "可用餘額"),
    }
)


def type_label(credential_type: str) -> Words:
    """What a type of credential is called."""
    return _TYPES.get(credential_type) or words(credential_type[:200], credential_type[:200])


def claim_label(place: Place) -> Words:
    """What the claim at a place is called: the longest known end of its path, and what stands below that."""
    names = tuple(part for part in place if isinstance(part, str))
    for end in range(len(names), 0, -1):
        for start in range(end):
            known = _CLAIMS.get(names[start:end])
            if known is not None:
                rest = names[end:]
                return known if not rest else _below(known, rest)
    text = " / ".join(names)[:200] or "-"
    return words(text, text)


def _below(known: Words, rest: tuple[str, ...]) -> Words:
    return words(f"{known.en}: {_rung(rest, 'en')}", f"{known.zh_tw}：{_rung(rest, 'zh')}")


def _rung(rest: tuple[str, ...], language: str) -> str:
    """A threshold's last part (usd_50000, years_2) in words; anything else as it is."""
    unit, _, number = rest[-1].partition("_")
    if number.isascii() and number.isdigit():
        if unit == "usd":
            return f"USD {int(number):,}"
        if unit == "years":
            return f"{number} years" if language == "en" else f"{number} 年"
    return " / ".join(rest)[:200]
