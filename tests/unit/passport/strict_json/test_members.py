from collections.abc import Callable

import pytest

from passport import strict_json
from passport.errors import Malformed
from passport.strict_json import JsonObject, JsonValue

VALUES: dict[str, JsonValue] = {
    "object": {"a": 1},
    "array": [1],
    "text": "x",
    "integer": 7,
    "boolean": True,
    "null": None,
    "float": 1.0,
}
GETTERS: dict[str, Callable[[JsonObject, str], JsonValue]] = {
    "object": strict_json.get_object,
    "array": strict_json.get_array,
    "text": strict_json.get_text,
    "integer": strict_json.get_integer,
    "boolean": strict_json.get_boolean,
}
FINDERS: dict[str, Callable[[JsonObject, str], JsonValue]] = {
    "object": strict_json.find_object,
    "array": strict_json.find_array,
    "text": strict_json.find_text,
    "integer": strict_json.find_integer,
}


@pytest.mark.parametrize("kind", GETTERS)
@pytest.mark.parametrize("member", VALUES)
def test_a_required_member_is_of_its_kind_and_no_other(kind: str, member: str) -> None:
    if kind == member:
        assert GETTERS[kind](VALUES, member) == VALUES[member]
    else:
        with pytest.raises(Malformed, match=member):
            GETTERS[kind](VALUES, member)


@pytest.mark.parametrize("kind", GETTERS)
def test_a_missing_required_member_is_named(kind: str) -> None:
    with pytest.raises(Malformed, match="absent"):
        GETTERS[kind]({}, "absent")


@pytest.mark.parametrize("kind", FINDERS)
def test_an_optional_member_is_absent_or_of_its_kind_and_null_is_neither(kind: str) -> None:
    assert FINDERS[kind]({}, kind) is None
    assert FINDERS[kind](VALUES, kind) == VALUES[kind]
    with pytest.raises(Malformed, match="null"):
        FINDERS[kind](VALUES, "null")
