"""Who banks with bank A: a few people with a story, and others who fill the branch.

A story is what one failure branch of the journey needs (domain notes, section 8). National ids start with SB, which
no real one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Holding:
    """An account to be opened: what it holds today, in whole units of its currency."""

    kind: str
    currency: str
    balance: int
    ownership: str = "sole"
    arrived_days_ago: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A named customer and what is special about them."""

    key: str
    latin: str
    zh: str
    age: int
    holdings: tuple[Holding, ...]
    document_days_left: int = 1700
    other_bank_account: bool = False
    ends_chain: bool = False


def _twd(balance: int, kind: str = "demand_deposit") -> Holding:
    return Holding(kind, "TWD", balance)


STORIES = (
    # Clean, and rich enough: the person of the demo. One account, so that a lift leaves nothing derived.
    Story("lin", "LIN MEI-HUI", "林美惠", 41, (_twd(3_250_000),)),
    # Under the threshold.
    Story("chen", "CHEN CHIA-HAO", "陳家豪", 29, (_twd(640_000),)),
    # The balance arrived two days ago, so the 28-day minimum fails.
    Story(
        "wang",
        "WANG SHU-FEN",
        "王淑芬",
        36,
        (Holding("demand_deposit", "TWD", 2_900_000, arrived_days_ago=2),),
    ),
    # The last account of a mule chain through three banks.
    Story("chiu", "CHIU CHIH-MING", "邱志明", 33, (_twd(2_400_000),), ends_chain=True),
    # Has an account at another bank too: a warning there makes this one derived.
    Story("tsai", "TSAI YA-TING", "蔡雅婷", 38, (_twd(2_800_000),), other_bank_account=True),
    # A joint account.
    Story(
        "hsu", "HSU WEN-CHUN", "許文俊", 52, (Holding("demand_deposit", "TWD", 4_100_000, ownership="joint"),)
    ),
    # A passport that has expired.
    Story("yang", "YANG LI-HUA", "楊麗華", 45, (_twd(3_300_000),), document_days_left=-20),
    # A minor.
    Story("hung", "HUNG YU-CHEN", "洪宇辰", 16, (_twd(2_000_000),)),
    # So rich that a second officer must approve.
    Story("liao", "LIAO KUO-HSIUNG", "廖國雄", 63, (_twd(48_000_000), _twd(25_000_000, "time_deposit"))),
    # Ordinary and comfortable: for notices, lifts and revocations in tests.
    Story("kuo", "KUO PEI-SHAN", "郭佩珊", 34, (_twd(2_600_000),)),
    Story("lai", "LAI CHUN-YEN", "賴俊彥", 40, (_twd(2_750_000),)),
    Story("ho", "HO SZU-YING", "何思穎", 31, (_twd(2_200_000), Holding("demand_deposit", "USD", 9_000))),
)

_SURNAMES = (
    ("HUANG", "黃"), ("CHANG", "張"), ("LI", "李"), ("WU", "吳"), ("LIU", "劉"), ("CHENG", "鄭"),
    ("HSIEH", "謝"), ("TSENG", "曾"), ("PENG", "彭"), ("CHAN", "詹"), ("SU", "蘇"), ("YEH", "葉"),
)  # fmt: skip
_GIVEN = (
    ("CHIA-JUNG", "佳蓉"), ("PO-HAN", "柏翰"), ("YI-CHUN", "怡君"), ("TSUNG-HAN", "宗翰"), ("SHIH-HAN", "詩涵"),
    ("KUAN-YU", "冠宇"), ("HSIN-YI", "欣怡"), ("MING-TE", "明德"), ("HUI-MIN", "惠敏"), ("CHENG-EN", "承恩"),
)  # fmt: skip


def neighbours(count: int, random: Random) -> tuple[Story, ...]:
    """``count`` further customers with names of their own."""
    names = [(surname, given) for surname in _SURNAMES for given in _GIVEN]
    random.shuffle(names)
    people = []
    for number, (surname, given) in enumerate(names[:count], start=1):
        holdings = [_twd(int(random.lognormvariate(13.2, 0.9)))]
        if random.random() < 0.35:  # noqa: PLR2004 - a third keep some dollars
            holdings.append(Holding("demand_deposit", "USD", int(random.lognormvariate(8.6, 0.8))))
        people.append(
            Story(
                key=f"{surname[0].lower()}-{number:02d}",
                latin=f"{surname[0]} {given[0]}",
                zh=f"{surname[1]}{given[1]}",
                age=random.randint(21, 78),
                holdings=tuple(holdings),
                document_days_left=random.randint(200, 3400),
            )
        )
    return tuple(people)
