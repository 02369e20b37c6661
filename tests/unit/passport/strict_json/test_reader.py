import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed
from passport.strict_json import MAX_INTEGER, JsonValue, Limits, as_array, dumps, loads

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_written_is_read_back(value: JsonValue) -> None:
    assert loads(dumps(value), Limits(depth=64)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"outer":{"b":1,"b":1}}',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        "0." + "1" * 64,
        '"\\ud800"',
        '{"\\udfff":1}',
        '"\\ude00\\ud83d"',
        "\ufeff{}",
        "",
        "{",
        "{} {}",
        "{'a':1}",
        "[1,]",
        "01",
        '"\t"',
    ],
)
def test_what_readers_disagree_about_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        loads(text)


def test_text_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        loads('"\ud800"')


@pytest.mark.parametrize("raw", [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', '"a"'.encode("utf-16")])
def test_bytes_that_are_not_utf8_are_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        loads(raw)


def test_a_surrogate_pair_is_one_character() -> None:
    assert loads('"\\ud83d\\ude00"') == "\U0001f600"


def test_the_largest_integers_are_read() -> None:
    assert loads("[9007199254740991,-9007199254740991]") == [MAX_INTEGER, -MAX_INTEGER]


def test_size_limit_holds_at_the_edge_and_one_past_it() -> None:
    text = json.dumps("é" * 10, ensure_ascii=False)
    assert loads(text, Limits(size=22)) == "é" * 10
    with pytest.raises(Malformed, match="at most 21 bytes"):
        loads(text, Limits(size=21))


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_limit_holds_at_the_edge_and_one_past_it(opening: str, closing: str) -> None:
    inner = '"[[[[{{{{\\"]]"'
    assert loads(opening * 24 + inner + closing * 24) is not None
    with pytest.raises(Malformed, match="24 levels"):
        loads(opening * 25 + inner + closing * 25)


@pytest.mark.parametrize("one", ["[]", "{}"])
def test_so_many_arrays_and_objects_are_read_and_one_more_is_not(one: str) -> None:
    limits = Limits(size=1 << 20, containers=2_000)
    full = f"[{','.join([one] * 1_999)}]"
    assert len(as_array(loads(full, limits))) == 1_999
    with pytest.raises(Malformed, match="at most 2000 arrays and objects"):
        loads(f"[{full}]", limits)
    assert loads(f"[{full[1:-1].replace(one, '1')}]", limits)


def test_brackets_beside_one_another_and_in_text_are_not_depth() -> None:
    value = [[[]] * 40, "[" * 100, {"{": "]"}]
    assert loads(json.dumps(value)) == value


def test_a_hundred_thousand_brackets_are_refused_without_recursion() -> None:
    with pytest.raises(Malformed):
        loads("[" * 100_000)


def test_an_unfinished_string_after_many_brackets_is_refused() -> None:
    with pytest.raises(Malformed):
        loads("[]" * 30 + '"' + "\\" * 50_000)


def test_an_unfinished_string_full_of_escaped_quotes_takes_linear_time() -> None:
    started = time.monotonic()
    with pytest.raises(Malformed):
        loads("[]" * 30 + '"' + '\\"' * 60_000)
    assert time.monotonic() - started < 2  # Quadratic scanning took minutes.


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"\udc00": 1}])
def test_what_cannot_be_read_is_not_written(value: JsonValue) -> None:
    with pytest.raises(Malformed):
        dumps(value)


def test_any_mapping_and_sequence_is_written() -> None:
    from types import MappingProxyType  # noqa: PLC0415 - the only use

    assert dumps(MappingProxyType({"a": (1, 2), "b": range(2)})) == b'{"a":[1,2],"b":[0,1]}'


def test_a_foreign_object_is_our_mistake_not_the_senders() -> None:
    with pytest.raises(TypeError, match="object"):
        dumps({"a": object()})  # type: ignore[dict-item]
