import math
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed
from passport.strict_json import JsonValue, canonical, loads

VECTORS = Path(__file__).parents[3] / "vectors" / "rfc8785-jcs"

# RFC 8785 appendix B: the bits of a double, and how ECMAScript writes it.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_example(name: str) -> None:
    value = loads((VECTORS / "input" / f"{name}.json").read_bytes())
    assert canonical(value) == (VECTORS / "output" / f"{name}.json").read_bytes()


@pytest.mark.parametrize(("bits", "expected"), NUMBERS)
def test_published_number(bits: str, expected: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number).decode() == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_same_number(number: float) -> None:
    written = canonical(number).decode()
    assert float(written) == number
    assert not any(mark in written for mark in ("E", "e0", "e+0", "e-0"))


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers(-99, 99)))
def test_the_order_of_members_does_not_matter(members: dict[str, int]) -> None:
    backwards = dict(reversed(members.items()))
    assert canonical(members) == canonical(backwards)
    assert loads(canonical(members)) == members


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), "\ud800", {"\udc00": 1}, [[2**60]]]
)
def test_what_has_no_canonical_form_is_refused(value: JsonValue) -> None:
    with pytest.raises(Malformed):
        canonical(value)


def test_empty_containers_and_constants() -> None:
    assert canonical([{}, [], None, True, False, (), ""]) == b'[{},[],null,true,false,[],""]'
