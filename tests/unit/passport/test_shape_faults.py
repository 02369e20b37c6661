"""Faults of shape in words: the wire's place, what was expected, what kind came; nothing of our code and no value."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType
from pydantic_settings import BaseSettings

import fraud_check
import issuer
import ledger
import passport
import service
import verifier
from passport.errors import Malformed
from passport.messages import DidText, Message
from passport.openid4vci.token import DetailsMalformed, TokenRequest
from passport.shape_faults import FORMS, told
from tests.simulators.plain_words import in_plain_words

ROOMS = (passport, service, issuer, verifier, fraud_check, ledger)
CANARY = "canary-4711"
WRONG: tuple[Any, ...] = (
    None,
    True,
    7,
    7.5,
    -1,
    10**30,
    "",
    CANARY,
    "x" * 5_000,
    [],
    [CANARY],
    {},
    {"member": CANARY},
)


def models() -> list[type[BaseModel]]:
    """Every model of the services that reads what somebody sends."""
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "__main__" not in found.name and "migration" not in found.name:
                importlib.import_module(found.name)
    names = {room.__name__ for room in ROOMS}
    # Settings come out of the environment, where everything is text; pydid reads its documents itself.
    sent = {
        one
        for one in _below(BaseModel)
        if not issubclass(one, BaseSettings)
        and not any(base.__module__.startswith("pydid.") for base in one.__mro__)
    }
    all_of_them = {one for one in sent if one.__module__.split(".")[0] in names}
    return sorted(all_of_them, key=lambda one: (one.__module__, one.__qualname__))


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def words_of(kind: type[BaseModel], sent: Any) -> str | None:
    try:
        kind.model_validate_json(json.dumps(sent), by_alias=True, by_name=False)
    except ValidationError as error:
        return told(error.errors(include_url=False), sent)
    return None


def wire_names(kind: type[BaseModel]) -> list[str]:
    fields = kind.model_fields.items()
    return [str(field.validation_alias or field.alias or name) for name, field in fields]


def plain(said: str, kind: type[BaseModel] | None = None) -> None:
    in_plain_words(said)
    assert CANARY not in said
    assert "another value" not in said, said
    assert len(said) < 8_000
    if kind is not None:
        assert not re.search(rf"\b{re.escape(kind.__name__)}\b", said), said


def test_every_model_says_what_is_wrong_in_plain_words() -> None:
    kinds = models()
    assert len(kinds) > 120
    classes = {kind.__name__ for kind in kinds}
    heard = 0
    for kind in kinds:
        for wrong in WRONG:
            whole = words_of(kind, wrong)
            if whole is not None:
                plain(whole, kind)
            for name in wire_names(kind):
                said = words_of(kind, {name: wrong})
                for each in (
                    said,
                    words_of(kind, {name: [wrong]}),
                    words_of(kind, {name: {"member": wrong}}),
                ):
                    if each is None:
                        continue
                    heard += 1
                    plain(each)
                    # A place has names of the wire alone, and the labels of a choice are not among them.
                    assert classes.isdisjoint(re.split(r"[.:, ]+", each)), each
    assert heard > 10_000


def test_every_pattern_has_words() -> None:
    patterns: set[str] = set()

    def walk(part: object) -> None:
        if isinstance(part, dict):
            pattern = part.get("pattern")
            if isinstance(pattern, str):
                patterns.add(pattern)
            for each in part.values():
                walk(each)
        elif isinstance(part, list | tuple):
            for each in part:
                walk(each)

    for kind in models():
        walk(kind.__pydantic_core_schema__)
    assert len(patterns) > 20
    assert patterns <= set(FORMS)


# A context that satisfies every kind of fault there is.
NUMBERS = (
    "gt ge lt le multiple_of min_length max_length actual_length max_digits decimal_places whole_digits tz_expected "
    "tz_actual expected_version"
)
TEXTS = (
    "expected field_type class attribute class_name tag expected_tags discriminator encoding encoding_error "
    "expected_schemes method_name function_name expected_plural mapping_type pattern"
)
CONTEXT: dict[str, Any] = dict.fromkeys(NUMBERS.split(), 3) | dict.fromkeys(TEXTS.split(), "a")


@pytest.mark.parametrize("kind", [one for one in get_args(ErrorType) if one != "no_such_attribute"])
def test_no_kind_of_fault_is_told_in_pydantics_words(kind: str) -> None:
    context = CONTEXT | {"error": ValueError("expected our own words")}
    if kind not in {"value_error", "assertion_error"}:
        context["error"] = "the parser's words"
    theirs = str(PydanticKnownError(kind, context).message())  # type: ignore[arg-type]
    fault: Any = {"type": kind, "loc": ("a",), "msg": theirs, "input": CANARY, "ctx": context}
    said = told([fault], {"a": CANARY})
    assert said.startswith("a: expected ")
    assert theirs not in said
    assert "the parser's words" not in said
    assert CANARY not in said
    in_plain_words(said)


class Part(Message):
    only: Annotated[tuple[str, ...], Field(min_length=1)]


class Choice(Message):
    either: int | Part | None = Field(default=None, alias="one-of")
    who: DidText | None = None
    fixed: Literal["a"] | None = None
    few: Annotated[int, Field(ge=2)] | None = None


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"one-of": CANARY}, "one-of: expected a whole number or an object, got text"),
        ({"one-of": {"only": []}}, "one-of: expected a whole number, got an object; and at one-of.only"),
        ({"who": CANARY}, "who: expected did:ethr"),
        ({"fixed": CANARY}, "fixed: expected 'a', got other text"),
        ({"few": 1}, "few: expected a value of at least 2, got another number"),
        ({"few": None, "fixed": ""}, "fixed: expected 'a', got empty text"),
        ([], "the whole message: expected an object, got a list of 0"),
    ],
)
def test_the_place_has_the_wires_names_and_every_form_is_told(sent: Any, said: str) -> None:
    with pytest.raises(Malformed) as caught:
        Choice.read(sent)
    assert str(caught.value).startswith(said)
    plain(str(caught.value), Choice)


def test_the_details_of_a_token_request_have_one_place() -> None:
    for details, said in (
        (b"[]", "authorization_details: expected a list of at least 1 item, got a list of 0"),
        (b"[{}]", "authorization_details.0.type: expected a value, got none; and at"),
    ):
        with pytest.raises(DetailsMalformed) as caught:
            TokenRequest.parse(b"grant_type=x&authorization_details=" + details)
        assert str(caught.value).startswith(said)


def test_a_name_that_is_no_name_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"王" * 8: "x"})
    said = told(caught.value.errors(include_url=False), {"王" * 8: "x"})
    assert said == "(a member): expected a whole number, got other text"
