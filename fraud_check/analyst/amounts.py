"""Amounts as files give them: integers in minor units, or decimals in units of a currency; computed with as integers.

Exact throughout: a binary fraction (a Parquet ``double``) is refused, since 0.1 is none. What a file or an option gives in
units of a currency comes back in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fraud_check.analyst.plain_columns import first_failing, rows, shown
from passport.claims import EXPONENTS
from passport.errors import Malformed

MOST_AMOUNT = 2**63 - 1
MINOR = "minor"
_MOST_DIGITS = 19
#: For a reader whose file has amounts in units of a currency.
_HINT = "; where amounts are in units of a currency, say which (--amount-unit TWD)"

#: Forms of no amount, each with what to do.
_OTHER_FORMS = (
    (r'^=\s*".*"$', ", as a spreadsheet keeps text; write the digits alone"),
    (
        r"^\([^()]*[0-9][^()]*\)$",
        ", as a ledger writes what is negative; a transfer has a payer and a receiver, so turn them round and write the digits alone",
    ),
    (
        r"(?i)^(NT|TWD|US|[$€£¥\uff04\uffe5])|(元|圓|TWD|NTD|USD)$",
        "; write the digits alone, without a currency: which it is, --amount-unit TWD says",
    ),
    (r"^\+?\d+$", "; write the digits alone, from 0 to 9, without a plus or blanks"),
)


@dataclass(frozen=True, slots=True)
class AmountUnit:
    """What the number 1 means in a file: one minor unit, or one unit of a currency that has so many decimals."""

    name: str = MINOR
    decimals: int = 0

    @classmethod
    def named(cls, name: str) -> Self:
        """``minor``, or a currency by its code.

        Raises:
            Malformed: it is neither.
        """
        if name == MINOR:
            return cls()
        if name not in EXPONENTS:
            raise Malformed(f"amount_unit: expected {MINOR} or a code of ISO 4217 such as TWD, got {name!r}")
        return cls(name, EXPONENTS[name])

    @property
    def is_minor(self) -> bool:
        """Whether amounts are counted in minor units."""
        return self.name == MINOR

    def read(self, column: pa.ChunkedArray, name: str = "amount") -> NDArray[np.int64]:
        """The amounts of a plain column in minor units.

        Raises:
            Malformed: a row is no amount in this unit, negative, or larger than 2^63 - 1; the message says which row.
        """
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            values = self._of_text(column, name)
        elif pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and (kind.scale == 0 or self.decimals)):
            values = self._converted(column, name)
        else:
            raise Malformed(f"{name}: expected {self.expected}, got {kind}{self._hint_for(kind)}")
        if len(values) and values.min() < 0:
            row = int(np.argmax(values < 0))
            raise Malformed(
                f"{name}[{row}]: expected 0 to {self.text(MOST_AMOUNT)}, got {self.text(values[row])}"
            )
        return values

    @property
    def expected(self) -> str:
        """What an amount is, for messages."""
        if self.is_minor:
            return "integers in minor units"
        most = f" with at most {self.decimals} decimals" if self.decimals else " without decimals"
        return f"amounts in {self.name}{most}"

    def _hint_for(self, kind: pa.DataType) -> str:
        if pa.types.is_floating(kind):
            return ", which is not exact: write decimals or text"
        return _HINT if self.is_minor and pa.types.is_decimal(kind) else ""

    def _hint_of(self, text: str) -> str:
        """What to do about a text that is no amount, where that can be told from its form."""
        hint = _HINT if self.is_minor else ""
        if re.fullmatch(r"-?[0-9]+\.[0-9]{1,3}", text):
            return hint
        if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text):
            plain = text.replace(",", "")
            return f"; leave out the commas between thousands ({plain})" + (hint if "." in text else "")
        return next((says for pattern, says in _OTHER_FORMS if re.search(pattern, text.strip())), "")

    def _of_text(self, column: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
        if self.decimals == 0 and pc.all(pc.ascii_is_decimal(column), min_count=0).as_py():
            return self._converted(column, name)
        part = rf"(\.[0-9]{{1,{self.decimals}}})?" if self.decimals else ""
        right = pc.match_substring_regex(column, rf"^-?[0-9]+{part}\z")
        if not pc.all(right, min_count=0).as_py():
            row = pc.index(right, value=False).as_py()
            text = str(column[row].as_py())
            if not text:
                missing = pc.sum(pc.equal(column, "")).as_py()
                raise Malformed(
                    f"{name}[{row}]: expected a value in every row, got none (in {rows(missing)})"
                )
            hint = self._hint_of(text)
            one = "an integer" if self.is_minor else f"{self.expected}, in plain digits"
            raise Malformed(f"{name}[{row}]: expected {one}, got {shown(column, row)}{hint}")
        return self._converted(column, name)

    def _converted(self, column: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
        try:
            return self._minor(column)
        except pa.ArrowInvalid as error:
            row = first_failing(column, self._minor)
            what = "integers below 2^63" if self.is_minor else f"{self.expected}, below 2^63 minor units"
            raise Malformed(f"{name}[{row}]: expected {what}, got {shown(column, row)}") from error

    def _minor(self, column: pa.ChunkedArray) -> NDArray[np.int64]:
        if self.decimals:
            exact = column.cast(pa.decimal128(_MOST_DIGITS + self.decimals, self.decimals))
            column = pc.multiply(exact, pa.scalar(Decimal(10**self.decimals)))
            column = column.cast(pa.decimal128(38, 0))
        return np.ascontiguousarray(column.cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False))

    def option(self, text: str, name: str) -> int:
        """An amount of the command line in minor units.

        Raises:
            Malformed: it is none in this unit.
        """
        try:
            return int(self.read(pa.chunked_array([[text.removeprefix("+")]], pa.string()), name)[0])
        except UnicodeEncodeError as error:
            raise Malformed(f"{name}: expected {self.expected}") from error

    def given(self, values: NDArray[np.int64]) -> pa.Array:
        """Amounts of an answer, in the unit of the files."""
        if not self.decimals:
            return pa.array(values)
        whole = pa.array(values).cast(pa.decimal128(_MOST_DIGITS, 0))
        return pc.multiply(whole, pa.scalar(Decimal(1).scaleb(-self.decimals)))

    def exact(self, minor: int) -> int | str:
        """An amount for a JSON document: an integer, or text where the unit has decimals, since JSON's numbers are not exact."""
        return self.text(minor) if self.decimals else int(minor)

    def text(self, minor: int, *, grouped: bool = False) -> str:
        """An amount in this unit, as text."""
        whole, part = divmod(abs(int(minor)), 10**self.decimals)
        sign = "-" if minor < 0 else ""
        shown_whole = f"{whole:,}" if grouped else str(whole)
        return f"{sign}{shown_whole}" + (f".{part:0{self.decimals}}" if self.decimals else "")


MINOR_UNITS = AmountUnit()
