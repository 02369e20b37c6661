from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pytest

from passport.errors import Reason, Rejected
from passport.openid4vp.dcql import DcqlQuery
from passport.openid4vp.dcql_check import MissingClaim, Presented, check_answer
from passport.strict_json import JsonValue

QUERY: Final = DcqlQuery.read(
    {
        "credentials": [
            {
                "id": "i",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:identity"]},
                "claims": [{"path": ["name", "latin"]}, {"path": ["papers", 1]}],
            },
            {
                "id": "f",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:funds"]},
                "claims": [
                    {"id": "a", "path": ["thresholds", "total", "usd_50000"], "values": [True]},
                    {"id": "b", "path": ["total"]},
                ],
                "claim_sets": [["a"], ["b"]],
            },
        ]
    }
)
IDENTITY: Final = Presented(
    "dc+sd-jwt",
    "urn:identity",
    {"iss": "x", "name": {"latin": "LIN"}, "papers": ["id"]},
    frozenset({("name",), ("name", "latin"), ("papers", 0)}),
)
FUNDS: Final = Presented("dc+sd-jwt", "urn:funds", {"total": {"amount_minor": 1}}, frozenset({("total",)}))
ANSWER: Final[Mapping[str, Sequence[Presented]]] = {"i": [IDENTITY], "f": [FUNDS]}


def refusal(answer: Mapping[str, Sequence[Presented]], query: DcqlQuery = QUERY) -> Reason:
    with pytest.raises(Rejected) as caught:
        check_answer(query, answer)
    return caught.value.reason


def test_an_answer_that_fits_is_complete() -> None:
    checked = check_answer(QUERY, ANSWER)
    assert checked.missing == ()
    assert checked.presented == {"i": (IDENTITY,), "f": (FUNDS,)}
    checked.require_complete()


def test_a_missing_claim_is_reported_and_refused_only_when_policy_says_so() -> None:
    bare = replace(FUNDS, claims={}, disclosed=frozenset())
    checked = check_answer(QUERY, {**ANSWER, "f": [bare]})
    assert checked.missing == (MissingClaim("f", ("thresholds", "total", "usd_50000")),)
    with pytest.raises(Rejected, match=r"thresholds\.total\.usd_50000") as caught:
        checked.require_complete()
    assert caught.value.reason is Reason.CLAIM_MISSING


def test_more_than_was_asked_is_refused() -> None:
    nosy = replace(IDENTITY, disclosed=IDENTITY.disclosed | {("birth_date",)})
    assert refusal({**ANSWER, "i": [nosy]}) is Reason.CLAIM_NOT_REQUESTED


def test_the_wrong_type_or_format_is_refused() -> None:
    assert refusal({**ANSWER, "i": [replace(IDENTITY, vct="urn:funds")]}) is Reason.CREDENTIAL_NOT_REQUESTED
    assert refusal({**ANSWER, "i": [replace(IDENTITY, format="ldp_vc")]}) is Reason.CREDENTIAL_NOT_REQUESTED


def test_a_credential_without_holder_binding_is_refused() -> None:
    assert refusal({**ANSWER, "i": [replace(IDENTITY, holder_bound=False)]}) is Reason.HOLDER_BINDING_INVALID


def test_entries_are_those_of_the_query_once_and_all() -> None:
    assert refusal({**ANSWER, "x": [IDENTITY]}) is Reason.CREDENTIAL_NOT_REQUESTED
    assert refusal({**ANSWER, "i": [IDENTITY, IDENTITY]}) is Reason.CREDENTIAL_NOT_REQUESTED
    assert refusal({**ANSWER, "i": []}) is Reason.CREDENTIAL_MISSING
    assert refusal({"i": [IDENTITY]}) is Reason.CREDENTIAL_MISSING


def sets(*each: JsonValue, multiple: bool = False) -> DcqlQuery:
    members: list[JsonValue] = [
        {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:identity"]}, "multiple": multiple}
        for name in ("i", "j")
    ]
    return DcqlQuery.read({"credentials": members, "credential_sets": each})


def test_one_option_of_every_required_set_suffices() -> None:
    bare = replace(IDENTITY, disclosed=frozenset())
    asked = sets({"options": [["j"], ["i"]]}, {"options": [["j"]], "required": False})
    assert check_answer(asked, {"i": [bare]}).missing == ()
    assert refusal({"i": [bare]}, sets({"options": [["j"], ["i", "j"]]})) is Reason.CREDENTIAL_MISSING


def test_several_presentations_are_accepted_where_the_query_allows_them() -> None:
    bare = replace(IDENTITY, disclosed=frozenset())
    asked = sets({"options": [["i"]]}, multiple=True)
    assert check_answer(asked, {"i": [bare, bare]}).presented == {"i": (bare, bare)}
