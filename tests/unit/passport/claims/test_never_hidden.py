"""What a type never hides has no hidden part either (SD-JWT VC section 6): the children of such a claim inherit its rule."""

from __future__ import annotations

import pytest

from passport.claims import TypeMetadata, type_metadata
from passport.disclosable import DECOY, ClaimPath, ClaimTree, Disclosable
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Vct
from passport.strict_json import JsonValue

NAMES: JsonValue = [{"locale": "en", "label": "x"}]
TYPE = TypeMetadata.read(
    {
        "vct": "urn:x",
        "name": "x",
        "display": [{"locale": "en", "name": "x"}],
        "claims": [
            {"path": ["licence"], "display": NAMES, "sd": "never"},
            {"path": ["licence", "number"], "display": NAMES, "sd": "always"},
            {"path": ["degrees", None, "kind"], "display": NAMES, "sd": "never"},
            {"path": ["name"], "display": NAMES},
        ],
    }
)


@pytest.mark.parametrize(
    "path",
    [
        ("licence",),
        ("licence", "number"),  # Its own rule says otherwise, and loses.
        ("licence", "deep", 0, "deeper"),
        ("degrees", 2, "kind"),
        ("degrees", None, "kind", "x"),
    ],
)
def test_a_disclosure_at_or_inside_such_a_claim_is_refused(path: ClaimPath) -> None:
    with pytest.raises(Rejected) as caught:
        TYPE.require_open([("name",), path])
    assert caught.value.reason is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize(
    "path", [("name",), ("degrees",), ("degrees", 0), ("degrees", 0, "year"), ("licences",)]
)
def test_beside_it_and_above_it_may_be_hidden(path: ClaimPath) -> None:
    TYPE.require_open([path])


@pytest.mark.parametrize(
    "claims",
    [
        {"licence": Disclosable("7")},
        {"licence": DECOY},
        {"licence": {"number": Disclosable("7")}},
        {"licence": {"parts": [{"a": [Disclosable("7")]}]}},
        {"degrees": Disclosable([Disclosable({"kind": Disclosable("BA")})])},
    ],
)
def test_an_issuer_never_makes_one(claims: dict[str, ClaimTree]) -> None:
    with pytest.raises(Misconfigured, match="never hides"):
        TYPE.require_signable(claims)


def test_an_issuer_hides_the_rest() -> None:
    TYPE.require_signable(
        {"licence": {"number": "7"}, "name": Disclosable("x"), "degrees": [Disclosable({"kind": "BA"})]}
    )


def test_a_rule_that_nobody_knows_is_malformed() -> None:
    claim: JsonValue = {"path": ["a"], "display": NAMES, "sd": "sometimes"}
    with pytest.raises(Malformed):
        TypeMetadata.read({**TYPE.to_object(), "claims": [claim]})


@pytest.mark.parametrize("vct", [PROOF_OF_FUNDS, PASSPORT_IDENTITY, ACCOUNT_OWNERSHIP])
def test_our_types_hide_all_that_they_say(vct: Vct) -> None:
    known = type_metadata(vct)
    known.require_open([each.path for each in known.claims])
