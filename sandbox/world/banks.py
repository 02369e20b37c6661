"""The institutions of the sandbox. All are invented; the bank codes are ones that no bank in Taiwan has."""

from __future__ import annotations

from dataclasses import dataclass

from passport.identifiers import Bic, Country, Lei

_LEI_MODULUS = 97


def _lei(entity: str) -> Lei:
    """An LEI with the prefix 00SB (assigned to nobody) and valid ISO 7064 MOD 97-10 check digits."""
    body = f"00SB00{entity:0<12}"
    number = int("".join(str(int(character, 36)) for character in body + "00"))
    return Lei(f"{body}{_LEI_MODULUS + 1 - number % _LEI_MODULUS:02d}")


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank, or the hub's operator, as people and messages name it."""

    key: str
    name_en: str
    name_zh: str
    lei: Lei
    bic: Bic
    bank_code: str
    country: Country
    licence: str
    contact: str


BANK_A = Institution(
    key="bank_a",
    name_en="Blue Magpie Commercial Bank",
    name_zh="藍鵲商業銀行",
    lei=_lei("BLUEMAGPIE"),
    bic=Bic("BMCBTWTP"),
    bank_code="899",
    country=Country("TW"),
    licence="SANDBOX-TW-899",
    contact="letters@blue-magpie.example",
)
SOURCE_BANKS = (
    Institution(
        key="bank_b",
        name_en="Taroko Gorge Savings Bank",
        name_zh="立霧溪儲蓄銀行",
        lei=_lei("TAROKOGORGE"),
        bic=Bic("TGSBTWTP"),
        bank_code="898",
        country=Country("TW"),
        licence="SANDBOX-TW-898",
        contact="desk@taroko-gorge.example",
    ),
    Institution(
        key="bank_c",
        name_en="Cloud Leopard Bank",
        name_zh="雲豹商業銀行",
        lei=_lei("CLOUDLEOPARD"),
        bic=Bic("CLPBTWTP"),
        bank_code="897",
        country=Country("TW"),
        licence="SANDBOX-TW-897",
        contact="desk@cloud-leopard.example",
    ),
)
BANK_X = Institution(
    key="bank_x",
    name_en="Merlion Quay Bank",
    name_zh="獅城碼頭銀行",
    lei=_lei("MERLIONQUAY"),
    bic=Bic("MQBKSGSG"),
    bank_code="SB7001",
    country=Country("SG"),
    licence="SANDBOX-SG-7001",
    contact="onboarding@merlion-quay.example",
)
HUB_OPERATOR = Institution(
    key="hub",
    name_en="Sandbox Clearing Hub",
    name_zh="沙盒金流中心",
    lei=_lei("CLEARINGHUB"),
    bic=Bic("SCHBTWTP"),
    bank_code="SB0001",
    country=Country("TW"),
    licence="SANDBOX-TW-HUB",
    contact="operator@clearing-hub.example",
)
