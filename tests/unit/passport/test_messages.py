import pytest

from passport.errors import Malformed
from passport.messages import Message


class Sample(Message):
    count: int
    words: tuple[str, ...] | None = None


def test_a_message_reads_back_what_it_writes_and_leaves_absent_members_out() -> None:
    sample = Sample(count=3)
    assert sample.to_object() == {"count": 3}
    assert Sample.read({"count": 3, "words": ["a", "b"]}).to_object() == {"count": 3, "words": ["a", "b"]}


def test_unknown_members_are_ignored() -> None:
    assert Sample.read({"count": 1, "later": {"x": 1}}) == Sample(count=1)


@pytest.mark.parametrize("value", [{"count": "3"}, {"count": True}, {"count": 1.5}, {}, [], None, "x"])
def test_values_of_another_type_are_malformed_and_never_coerced(value: object) -> None:
    with pytest.raises(Malformed, match="Sample: "):
        Sample.read(value)  # type: ignore[arg-type]


def test_the_error_names_the_place_and_not_the_value() -> None:
    with pytest.raises(Malformed) as caught:
        Sample.read({"count": 1, "words": ["fine", 4_000_000_017]})
    assert "words.1" in str(caught.value)
    assert "4000000017" not in str(caught.value)
