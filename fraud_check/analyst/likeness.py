"""Names that may not be what was meant: numbers that a spreadsheet rounded, names that differ by what is not seen.

Nothing here changes a name. It says what may have happened to one on its way through another program, and which name of
the transfers a name of a list was probably meant to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from fraud_check.analyst.names import is_text

_HIDDEN = r"\x{00}-\x{1F}\x{7F}\x{00A0}\x{00AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}"
#: What people and programs put into a name and leave out again.
LEFT_OUT = rf"[\s'`._/:\x{{2018}}\x{{2019}}\x{{3000}}{_HIDDEN}-]"
_LONG = r"^[0-9]{16,}\z"
_LONG_AND_ROUND = r"^[0-9]{15}0+\z"
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A form of names, and what follows where an account has it."""

    pattern: str
    says: str


SUSPICIONS = (
    Suspicion(
        r'^=\s*".*"\z',
        "as a spreadsheet keeps digits as text; without the equals sign and the quotation marks it is another account, so write "
        "it alike in every file",
    ),
    Suspicion(
        r"^[+-]?[0-9]+([.,][0-9]+)?([eE]\+[0-9]+)\z|^[+-]?[0-9]+[.,][0-9]+[eE][0-9]+\z",
        "as a spreadsheet writes a long number that it rounded, so that different accounts may have become one, and money "
        "is followed through a stranger; export the column as text",
    ),
    Suspicion(
        r"^[0-9]+\.0+\z",
        "as a program writes a number with a fraction, which has lost the zeros in front of it",
    ),
    Suspicion(
        rf"^\s|\s\z|[\x{{3000}}\x{{FF01}}-\x{{FF5E}}{_HIDDEN}]",
        "with blanks at an end, characters that are not seen, or letters of full width; without them it is another account",
    ),
    Suspicion(
        r"(?i)^(na|-+|\?+|\.+|unknown|0{4,})\z",
        "as programs write what is missing; if it stands for nobody, money is followed through it between strangers",
    ),
)
ANY_SUSPICION = "|".join(f"(?:{one.pattern})" for one in (*SUSPICIONS, Suspicion(_LONG_AND_ROUND, "")))


def suspicions(names: pa.Array) -> Iterator[str]:
    """What to say of the distinct names of accounts, one sentence for each form that occurs."""
    if not is_text(names.type):
        return
    # Most files have no odd name: one pass over all of them is enough to know it.
    odd = names.filter(pc.match_substring_regex(names, ANY_SUSPICION))
    for suspicion in SUSPICIONS:
        found = odd.filter(pc.match_substring_regex(odd, suspicion.pattern))
        if len(found):
            yield f"{accounts_are(len(found))} named {suspicion.says} ({first_of(found)})"
    rounded = odd.filter(pc.match_substring_regex(odd, _LONG_AND_ROUND))
    if len(rounded) > 1 and len(rounded) == pc.sum(pc.match_substring_regex(names, _LONG)).as_py():
        yield (
            f"all {len(rounded):,} accounts of more than 15 digits end in zeros, as a spreadsheet rounds them, so that "
            f"different accounts may have become one; export the column as text ({first_of(rounded)})"
        )


def likely(missing: pa.Array, names: pa.Array) -> list[tuple[str, str]]:
    """Of names that are not among ``names``, those that are there in another spelling, each with that: a few of them.

    Blanks, zeros in front, case, width, separators and characters that are not seen are taken for spelling.
    """
    wanted, known = _spelled_alike(missing), _spelled_alike(names)
    places = pc.index_in(wanted, value_set=known)
    found = pc.indices_nonzero(pc.and_(pc.is_valid(places), pc.not_equal(wanted, "")))
    return [
        (str(missing[row].as_py()), str(names[places[row].as_py()].as_py()))
        for row in found[:EXAMPLES].to_pylist()
    ]


def _spelled_alike(names: pa.Array) -> pa.Array:
    text = pc.utf8_normalize(names.cast(pa.string()), form="NFKC")
    text = pc.replace_substring_regex(text, r'^=\s*"(.*)"\z', r"\1")
    text = pc.replace_substring_regex(text, r"\.0+\z", "")
    text = pc.utf8_lower(pc.replace_substring_regex(text, LEFT_OUT, ""))
    return pc.replace_substring_regex(text, r"^0+(.)", r"\1")


def suggested(missing: pa.Array, names: pa.Array) -> str:
    """The end of a sentence about names that no transfer has: what they probably are there."""
    return suggestion(likely(missing, names))


def suggestion(pairs: Sequence[tuple[str, str]]) -> str:
    """The same, of pairs of a name and what it probably is in the transfers."""
    said = ", ".join(f"`{one}` is not in the transfers, `{other}` is" for one, other in pairs)
    return f"; {said}" if said else ""


def accounts_are(count: int) -> str:
    """A number of accounts with its verb."""
    return "1 account is" if count == 1 else f"{count:,} accounts are"


def first_of(names: pa.Array) -> str:
    """The first few of some names, quoted."""
    listed = ", ".join(repr(str(name)[:40]) for name in names[:EXAMPLES].to_pylist())
    return listed + (", …" if len(names) > EXAMPLES else "")
