import json
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed
from passport.jose import b64u_decode, b64u_encode
from passport.status import MAX_SIZE, StatusList, StatusValue
from passport.strict_json import JsonValue

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "token-status-list" / "vectors.json").read_text()
)
LONG = [vector for vector in VECTORS if "set" in vector]
SHORT = [vector for vector in VECTORS if "bytes" in vector]


def test_all_published_lists_are_here() -> None:
    assert [vector["bits"] for vector in LONG] == [1, 2, 4, 8]
    assert [vector["bits"] for vector in SHORT] == [1, 2]


@pytest.mark.parametrize("vector", LONG, ids=lambda vector: str(vector["bits"]))
def test_published_list_of_a_million_entries(vector: dict[str, JsonValue]) -> None:
    size, bits, changes = vector["size"], vector["bits"], vector["set"]
    assert isinstance(size, int)
    assert isinstance(bits, int)
    assert isinstance(changes, dict)
    expected = {int(index): value for index, value in changes.items() if isinstance(value, int)}
    read = StatusList.from_json(vector)
    assert len(read) == size
    assert {index: read.value_at(index) for index in expected} == expected
    assert StatusList.empty(size, bits).changed(expected) == read


@pytest.mark.parametrize(
    ("vector", "values"),
    [
        (SHORT[0], [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
        (SHORT[1], [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
    ],
    ids=["1", "2"],
)
def test_published_worked_example(vector: dict[str, JsonValue], values: list[int]) -> None:
    statuses = StatusList.from_json(vector)
    assert list(statuses.raw) == vector["bytes"]
    assert [statuses.value_at(index) for index in range(len(statuses))] == values
    assert statuses.to_json() == {"bits": vector["bits"], "lst": vector["lst"]}


@given(
    bits=st.sampled_from([1, 2, 4, 8]),
    size=st.integers(1, 200),
    seed=st.integers(0, 2**32),
)
def test_what_was_set_is_read_and_nothing_else_changes(bits: int, size: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's choice
    values = {
        index: chance.randrange(1 << bits) for index in chance.sample(range(size), chance.randint(0, size))
    }
    statuses = StatusList.empty(size, bits).changed(values)
    assert size <= len(statuses) < size + 8
    assert [statuses.value_at(index) for index in range(len(statuses))] == [
        values.get(index, 0) for index in range(len(statuses))
    ]
    assert StatusList.from_json(statuses.to_json()) == statuses
    assert statuses.changed(dict.fromkeys(values, 0)) == StatusList.empty(size, bits)


def test_the_three_values_we_speak_and_the_one_we_do_not() -> None:
    statuses = StatusList.empty(4).changed({1: StatusValue.REVOKED, 2: StatusValue.SUSPENDED, 3: 3})
    assert [statuses.get(index) for index in range(3)] == [
        StatusValue.VALID,
        StatusValue.REVOKED,
        StatusValue.SUSPENDED,
    ]
    with pytest.raises(Malformed, match="another"):
        statuses.get(3)


def test_index_holds_at_the_edges_and_one_past_them() -> None:
    statuses = StatusList.empty(8)
    statuses.get(0)
    statuses.get(7)
    for index in (-1, 8, 2**60):
        with pytest.raises(Malformed, match="below 8"):
            statuses.get(index)
        with pytest.raises(Malformed, match="below 8"):
            statuses.changed({index: 1})


@pytest.mark.parametrize("value", [-1, 4, 255])
def test_a_value_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(Malformed, match="2 bits"):
        StatusList.empty(8).changed({0: value})


@pytest.mark.parametrize("bits", [0, 3, 16, -1])
def test_a_width_that_the_draft_does_not_have_is_refused(bits: int) -> None:
    with pytest.raises(Malformed, match="1, 2, 4 or 8"):
        StatusList(bits, b"")


def test_size_limit_holds_at_the_edge_and_one_past_it() -> None:
    def packed(size: int) -> dict[str, JsonValue]:
        return {"bits": 2, "lst": b64u_encode(zlib.compress(bytes(size)))}

    assert len(StatusList.from_json(packed(MAX_SIZE)).raw) == MAX_SIZE
    with pytest.raises(Malformed, match="at most"):
        StatusList.from_json(packed(MAX_SIZE + 1))
    with pytest.raises(Malformed, match="at most"):
        StatusList(2, bytes(MAX_SIZE + 1))


def test_a_zlib_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(256 * 1024 * 1024), level=9)
    assert len(bomb) < MAX_SIZE
    with pytest.raises(Malformed, match="at most"):
        StatusList.from_json({"bits": 2, "lst": b64u_encode(bomb)})


@pytest.mark.parametrize(
    "members",
    [
        {"bits": 2},
        {"lst": "eNo76fITAAPfAgc"},
        {"bits": "2", "lst": "eNo76fITAAPfAgc"},
        {"bits": True, "lst": "eNo76fITAAPfAgc"},
        {"bits": 2, "lst": "eNo76fITAAPfAgc="},
        {"bits": 2, "lst": "AAAA"},
        {"bits": 2, "lst": ""},
        {"bits": 2, "lst": b64u_encode(b64u_decode("eNo76fITAAPfAgc")[:-1])},
        {"bits": 2, "lst": b64u_encode(b64u_decode("eNo76fITAAPfAgc") + b"\x00")},
        {"bits": 2, "lst": b64u_encode(b64u_decode("eNo76fITAAPfAgc")[:-1] + b"\x00")},
    ],
)
def test_a_list_that_is_not_whole_is_refused(members: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        StatusList.from_json(members)
