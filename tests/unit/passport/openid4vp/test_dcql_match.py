from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from passport.errors import Reason, Rejected
from passport.openid4vp.dcql import DcqlQuery
from passport.openid4vp.dcql_match import Candidate, match
from passport.strict_json import JsonObject, JsonValue

IDENTITY: Final = Candidate(
    reference="id",
    format="dc+sd-jwt",
    vct="urn:identity",
    claims={
        "name": {"latin": "LIN MEI-HUA", "chinese": "林美華"},
        "birth_date": "1990-03-05",
        "papers": [{"kind": "passport", "country": "TW"}, {"kind": "id", "country": "TW"}],
    },
    authority_key_ids=frozenset({"AQID"}),
)
FUNDS: Final = Candidate(
    reference="funds",
    format="dc+sd-jwt",
    vct="urn:funds",
    claims={"thresholds": {"total": {"usd_10000": True, "usd_50000": True}}, "as_of": "2026-01-01T00:00:00Z"},
)


def credential(query_id: str, vct: str, **members: JsonValue) -> JsonObject:
    return {"id": query_id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, **members}


def query(credentials: Sequence[JsonObject], **members: JsonValue) -> DcqlQuery:
    return DcqlQuery.read({"credentials": credentials, **members})


def refusal(asked: DcqlQuery, candidates: Sequence[Candidate]) -> str:
    with pytest.raises(Rejected) as caught:
        match(asked, candidates)
    assert caught.value.reason is Reason.NOTHING_TO_SHOW
    return str(caught.value)


def test_only_the_asked_places_are_picked() -> None:
    asked = query(
        [
            credential("i", "urn:identity", claims=[{"path": ["name", "latin"]}, {"path": ["birth_date"]}]),
            credential(
                "f", "urn:funds", claims=[{"path": ["thresholds", "total", "usd_50000"], "values": [True]}]
            ),
        ]
    )
    found = match(asked, [IDENTITY, FUNDS])
    assert {name: picks[0].candidate.reference for name, picks in found.picks.items()} == {
        "i": "id",
        "f": "funds",
    }
    assert found.picks["i"][0].places == {("name", "latin"), ("birth_date",)}
    assert found.picks["f"][0].places == {("thresholds", "total", "usd_50000")}
    assert found.optional == {}


def test_an_object_that_is_asked_for_comes_with_its_contents() -> None:
    asked = query([credential("i", "urn:identity", claims=[{"path": ["papers"]}])])
    assert match(asked, [IDENTITY]).picks["i"][0].places >= {
        ("papers",),
        ("papers", 1),
        ("papers", 1, "kind"),
    }


def test_without_claims_nothing_disclosable_is_picked() -> None:
    assert match(query([credential("i", "urn:identity")]), [IDENTITY]).picks["i"][0].places == frozenset()


def test_a_threshold_that_is_not_there_leaves_nothing_to_show() -> None:
    asked = query([credential("f", "urn:funds", claims=[{"path": ["thresholds", "total", "usd_100000"]}])])
    assert "f" in refusal(asked, [IDENTITY, FUNDS])


def test_one_missing_credential_withholds_the_others() -> None:
    refusal(query([credential("i", "urn:identity"), credential("x", "urn:other")]), [IDENTITY])


def test_a_value_that_does_not_match_counts_as_absent() -> None:
    asked = query(
        [credential("i", "urn:identity", claims=[{"path": ["birth_date"], "values": ["2000-01-01"]}])]
    )
    refusal(asked, [IDENTITY])


def test_of_a_path_with_null_only_elements_with_an_accepted_value_are_picked() -> None:
    path: JsonValue = ["papers", None, "kind"]
    asked = query([credential("i", "urn:identity", claims=[{"path": path, "values": ["id"]}])])
    assert match(asked, [IDENTITY]).picks["i"][0].places == {("papers", 1, "kind")}


def test_the_first_satisfiable_claim_set_is_taken() -> None:
    asked = query(
        [
            credential(
                "i",
                "urn:identity",
                claims=[{"id": "a", "path": ["age_over_18"]}, {"id": "b", "path": ["birth_date"]}],
                claim_sets=[["a"], ["b"]],
            )
        ]
    )
    assert match(asked, [IDENTITY]).picks["i"][0].places == {("birth_date",)}


@pytest.mark.parametrize(
    "candidate",
    [
        replace(IDENTITY, format="ldp_vc"),
        replace(IDENTITY, vct="urn:identity:2"),
        replace(IDENTITY, holder_bound=False),
        replace(IDENTITY, authority_key_ids=frozenset({"other"})),
    ],
)
def test_another_kind_of_credential_is_as_if_not_there(candidate: Candidate) -> None:
    authorities: JsonValue = [{"type": "aki", "values": ["AQID"]}]
    asked = query([credential("i", "urn:identity", trusted_authorities=authorities)])
    assert match(asked, [IDENTITY]).picks["i"]
    refusal(asked, [candidate])


def test_an_unknown_authority_type_matches_nothing() -> None:
    authorities: JsonValue = [{"type": "etsi_tl", "values": ["https://lotl.example"]}]
    refusal(query([credential("i", "urn:identity", trusted_authorities=authorities)]), [IDENTITY])


def test_a_format_that_we_do_not_speak_matches_nothing() -> None:
    asked = query([{"id": "m", "format": "mso_mdoc", "meta": {}}])
    refusal(asked, [replace(IDENTITY, format="mso_mdoc")])


def test_credentials_without_holder_binding_fit_where_it_is_not_required() -> None:
    asked = query([credential("i", "urn:identity", require_cryptographic_holder_binding=False)])
    assert match(asked, [replace(IDENTITY, holder_bound=False)]).picks["i"]


def test_all_fitting_credentials_are_offered_for_the_holder_to_choose() -> None:
    other = replace(IDENTITY, reference="id-2")
    picks = match(query([credential("i", "urn:identity")]), [IDENTITY, other]).picks["i"]
    assert [pick.candidate.reference for pick in picks] == ["id", "id-2"]


def test_of_a_required_set_the_first_option_that_can_be_given_is_taken() -> None:
    credentials = [
        credential(name, vct) for name, vct in (("x", "urn:x"), ("i", "urn:identity"), ("f", "urn:funds"))
    ]
    found = match(query(credentials, credential_sets=[{"options": [["x"], ["f"], ["i"]]}]), [IDENTITY, FUNDS])
    assert set(found.picks) == {"f"}


def test_an_optional_set_is_offered_and_never_required() -> None:
    credentials = [credential("i", "urn:identity"), credential("f", "urn:funds"), credential("x", "urn:x")]
    sets: JsonValue = [
        {"options": [["i"]]},
        {"options": [["f"], ["i"]], "required": False},
        {"options": [["x"]], "required": False},
    ]
    found = match(query(credentials, credential_sets=sets), [IDENTITY, FUNDS])
    assert set(found.picks) == {"i"}
    assert set(found.optional) == {"f"}


def test_a_required_set_without_a_satisfiable_option_withholds_everything() -> None:
    credentials = [credential("i", "urn:identity"), credential("x", "urn:x")]
    refusal(query(credentials, credential_sets=[{"options": [["i"]]}, {"options": [["x", "i"]]}]), [IDENTITY])
