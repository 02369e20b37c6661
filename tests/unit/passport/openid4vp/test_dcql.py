from pathlib import Path

import pytest

from passport.errors import Malformed
from passport.openid4vp.dcql import DcqlQuery
from passport.openid4vp.limits import LIMITS
from passport.strict_json import JsonObject, JsonValue, loads

EXAMPLES = Path(__file__).parents[3] / "vectors/openid4vp/1.0/examples/query_lang"
VCT = "urn:financial-passport:identity:1"


def query(**members: JsonValue) -> JsonObject:
    credential: JsonObject = {"id": "id-1", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **members}
    return {"credentials": [credential]}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_specification_s_examples_are_read_and_written_back(path: Path) -> None:
    example = loads(path.read_bytes())
    read = DcqlQuery.read(example)
    assert DcqlQuery.read(read.to_object()) == read


def test_nulls_and_indexes_in_a_path_survive_writing() -> None:
    read = DcqlQuery.read(
        query(claims=[{"path": ["accounts", None, 0, "currency"], "values": [True, 1, "x"]}])
    )
    written = read.to_object()["credentials"]
    assert isinstance(written, list)
    assert written[0]["claims"] == [{"path": ["accounts", None, 0, "currency"], "values": [True, 1, "x"]}]


def test_values_match_by_type_and_value() -> None:
    claims = DcqlQuery.read(query(claims=[{"path": ["a"], "values": [True, 7, "x"]}])).credentials[0].claims
    assert claims is not None
    assert [claims[0].accepts(value) for value in (True, 7, "x")] == [True, True, True]
    assert [claims[0].accepts(value) for value in (1, 7.0, "7", False, None, [7])] == [False] * 6


def test_unknown_members_are_ignored_as_section_6_requires() -> None:
    assert DcqlQuery.read({**query(), "later": 1}) == DcqlQuery.read(query())


@pytest.mark.parametrize(
    "members",
    [
        {"id": ""},
        {"id": "with space"},
        {"id": "new\n"},
        {"meta": {}},
        {"meta": {"vct_values": []}},
        {"claims": []},
        {"claims": [{"path": []}]},
        {"claims": [{"path": [-1]}]},
        {"claims": [{"path": [True]}]},
        {"claims": [{"path": [1.5]}]},
        {"claims": [{"path": [{}]}]},
        {"claims": [{"path": ["a"], "values": []}]},
        {"claims": [{"path": ["a"], "values": [1.5]}]},
        {"claims": [{"path": ["a"], "values": [None]}]},
        {"claims": [{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}]},
        {"claim_sets": [["a"]]},
        {"claims": [{"path": ["a"]}], "claim_sets": [["a"]]},
        {"claims": [{"id": "a", "path": ["a"]}], "claim_sets": [["b"]]},
        {"claims": [{"id": "a", "path": ["a"]}], "claim_sets": []},
        {"claims": [{"id": "a", "path": ["a"]}], "claim_sets": [[]]},
        {"trusted_authorities": []},
        {"trusted_authorities": [{"type": "aki", "values": []}]},
        {"multiple": "yes"},
    ],
)
def test_what_section_6_forbids_is_malformed(members: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        DcqlQuery.read(query(**members))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"credentials": []},
        {"credentials": [*query()["credentials"], *query()["credentials"]]},  # type: ignore[misc]
        {**query(), "credential_sets": []},
        {**query(), "credential_sets": [{"options": []}]},
        {**query(), "credential_sets": [{"options": [[]]}]},
        {**query(), "credential_sets": [{"options": [["other"]]}]},
    ],
)
def test_a_query_that_contradicts_itself_is_malformed(value: JsonObject) -> None:
    with pytest.raises(Malformed):
        DcqlQuery.read(value)


def test_other_formats_need_no_vct_values() -> None:
    assert DcqlQuery.read(query(format="mso_mdoc", meta={})).credentials[0].format == "mso_mdoc"


def test_counts_are_limited_at_the_limit_and_not_one_more() -> None:
    claims: list[JsonValue] = [{"path": [f"c{i}"]} for i in range(LIMITS.claims)]
    assert DcqlQuery.read(query(claims=claims)).credentials[0].claims is not None
    with pytest.raises(Malformed, match="claims"):
        DcqlQuery.read(query(claims=[*claims, {"path": ["more"]}]))


def test_a_credential_query_is_found_by_its_id() -> None:
    read = DcqlQuery.read(query())
    assert read.credential("id-1") is read.credentials[0]
    assert read.credential("id-2") is None
