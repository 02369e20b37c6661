from typing import Annotated

import pytest
from pydantic import Field

from passport.errors import Malformed
from passport.messages import Message
from passport.openid4vci import Grants, TokenRequest, names
from passport.registry import Words


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
    with pytest.raises(Malformed, match=r"^(count|the whole message): expected "):
        Sample.read(value)  # type: ignore[arg-type]


def test_the_error_names_the_place_and_not_the_value() -> None:
    with pytest.raises(Malformed) as caught:
        Sample.read({"count": 1, "words": ["fine", 4_000_000_017]})
    assert "words.1" in str(caught.value)
    assert "4000000017" not in str(caught.value)


class Aliased(Message):
    inner_name: Annotated[int | None, Field(alias="inner-name")] = None


class Outer(Message):
    outer_name: Annotated[Aliased | None, Field(alias="outer-name")] = None
    many: tuple[Aliased, ...] = ()


def test_python_s_names_are_not_names_on_the_wire() -> None:
    """What a field is called in our code is ours: on the wire it is a member that nobody here knows."""
    assert Outer.read({"outer-name": {"inner-name": 1}}) == Outer(outer_name=Aliased(inner_name=1))
    assert Outer.read({"outer_name": {"inner-name": 1}}) == Outer()
    assert Outer.read({"outer-name": {"inner_name": 1}, "many": [{"inner_name": 1}]}) == Outer(
        outer_name=Aliased(), many=(Aliased(),)
    )
    assert Aliased.read({"inner-name": 1, "inner_name": 2}) == Aliased(inner_name=1)


def test_the_messages_with_such_names_know_the_wire_s_alone() -> None:
    code = {"grant_type": names.GRANT_PRE_AUTHORIZED, "tx_code": "123456"}
    assert TokenRequest.read({**code, "pre_authorized_code": "c"}).pre_authorized_code is None
    assert TokenRequest.parse(b"grant_type=x&pre_authorized_code=c").pre_authorized_code is None
    assert TokenRequest.parse(b"grant_type=x&pre-authorized_code=c").pre_authorized_code == "c"
    assert Grants.read({"pre_authorized": {"pre-authorized_code": "c"}}).pre_authorized is None
    with pytest.raises(Malformed):
        Words.read({"en": "x", "zh_tw": "x"})


def test_every_row_that_is_refused_is_named_up_to_fifty() -> None:
    class Rows(Message):
        rows: tuple[int, ...]

    with pytest.raises(Malformed) as two:
        Rows.read({"rows": [1, "2", 3, "4"]})
    assert str(two.value).startswith("rows.1: ")
    assert str(two.value).endswith("; and at rows.3")
    with pytest.raises(Malformed) as many:
        Rows.read({"rows": ["x"] * 60})
    assert str(many.value).endswith("rows.50 and 9 more")
