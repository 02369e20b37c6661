from typing import Final

import pytest

from passport.errors import Malformed
from passport.openid4vp.claims_path import Place, Pointer, covers, resolve
from passport.openid4vp.limits import LIMITS
from passport.strict_json import JsonObject

# The example of OpenID4VP 1.0 section 7.3.
CREDENTIAL: Final[JsonObject] = {
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
    ],
    "nationalities": ["British", "Betelgeusian"],
}


@pytest.mark.parametrize(
    ("pointer", "places", "values"),
    [
        (("name",), [("name",)], ["Arthur Dent"]),
        (("address", "street_address"), [("address", "street_address")], ["42 Market Street"]),
        (
            ("degrees", None, "type"),
            [("degrees", 0, "type"), ("degrees", 1, "type")],
            ["Bachelor of Science", "Master of Science"],
        ),
        (("nationalities", 1), [("nationalities", 1)], ["Betelgeusian"]),
        (("nationalities", None), [("nationalities", 0), ("nationalities", 1)], ["British", "Betelgeusian"]),
    ],
)
def test_a_pointer_selects_what_section_7_says(
    pointer: Pointer, places: list[Place], values: list[str]
) -> None:
    found = resolve(CREDENTIAL, pointer)
    assert [element.place for element in found] == places
    assert [element.value for element in found] == values


@pytest.mark.parametrize(
    "pointer",
    [
        ("absent",),
        ("nationalities", 2),
        ("name", "first"),
        ("name", 0),
        ("name", None),
        ("address", None),
        ("address", 0),
        ("degrees", "type"),
        ("degrees", None, "grade"),
    ],
)
def test_a_pointer_that_selects_nothing_is_an_error(pointer: Pointer) -> None:
    with pytest.raises(Malformed, match="claims path"):
        resolve(CREDENTIAL, pointer)


def test_elements_that_lack_the_name_leave_the_selection() -> None:
    mixed: JsonObject = {"a": [{"x": 1}, {"y": 2}]}
    assert [element.place for element in resolve(mixed, ("a", None, "x"))] == [("a", 0, "x")]


def test_a_pointer_may_select_up_to_the_limit_and_not_one_more() -> None:
    at_limit: JsonObject = {"a": [0] * LIMITS.selected_elements}
    assert len(resolve(at_limit, ("a", None))) == LIMITS.selected_elements
    with pytest.raises(Malformed, match="at most"):
        resolve({"a": [0] * (LIMITS.selected_elements + 1)}, ("a", None))


@pytest.mark.parametrize(
    ("pointer", "place", "expected"),
    [
        (("a", "b"), ("a",), True),
        (("a", "b"), ("a", "b"), True),
        (("a", "b"), ("a", "b", "c"), True),
        (("a", "b"), ("a", "c"), False),
        (("a", None), ("a", 3), True),
        (("a", 7), ("a", 0), True),
        (("a", None), ("a", "x"), False),
    ],
)
def test_a_disclosure_is_covered_on_the_way_at_and_below(
    pointer: Pointer,
    place: Place,
    *,
    expected: bool,
) -> None:
    assert covers(pointer, place) is expected
