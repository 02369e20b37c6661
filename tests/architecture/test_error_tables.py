"""Every error class of the house has an answer in every service: by a row of its own, or by its family's.

The classes are found in the sources, so that one which no test happens to import is not forgotten.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from fraud_check.http.error_answers import HUB_TABLE
from issuer.http.error_answers import ERROR_TABLE
from passport.errors import Malformed, Misconfigured, PassportError, Rejected, Unavailable
from service.error_answers import ErrorTable, answer_for
from verifier.http.app import ERRORS

ROOT = Path(__file__).parents[2]
SERVICES: Mapping[str, ErrorTable] = {"issuer": ERROR_TABLE, "verifier": ERRORS, "fraud_check": HUB_TABLE}
SHARED = ("passport", "service", "outbound", "ledger", "fraud_check/client")
FAMILIES = (Malformed, Rejected, Unavailable, Misconfigured)
STAYS_AT_HOME = {
    # Translated within ledger before anybody else can see it: a node's refusal is not yet a reason of ours.
    "ledger.rpc.NodeError",
}


def error_classes(*folders: str) -> dict[str, type[PassportError]]:
    """Every class at or below ``PassportError`` in these folders, by its full name; found by reading, then loaded."""
    declared: dict[str, list[str]] = {}
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    declared[f"{module}.{node.name}"] = [
                        ast.unparse(base).rpartition(".")[2] for base in node.bases
                    ]
    errors = {PassportError.__name__, *(kind.__name__ for kind in FAMILIES)}
    while (
        more := {name.rpartition(".")[2] for name, bases in declared.items() if errors & set(bases)} - errors
    ):
        errors |= more
    found = {}
    for name in declared:
        module, _, simple = name.rpartition(".")
        if simple in errors:
            kind = getattr(import_module(module), simple)
            if issubclass(kind, PassportError):
                found[name] = kind
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_class_that_may_reach_a_service_has_a_row_or_its_family_has(service: str) -> None:
    table = SERVICES[service]
    unanswered = [
        name
        for name, kind in error_classes(*SHARED, service).items()
        if name not in STAYS_AT_HOME and kind is not PassportError
        # The root's row is for bugs: whoever falls through to it gets "internal error".
        if next(base for base in kind.__mro__ if base in table) is PassportError
    ]
    assert unanswered == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_own_classes_have_rows_of_their_own(service: str) -> None:
    table = SERVICES[service]
    # What the hub's client raises, its callers answer.
    own = {
        name: kind
        for name, kind in error_classes(*SHARED, service).items()
        if name.startswith(f"{service}.") and not name.startswith("fraud_check.client.")
    }
    assert own
    assert [name for name, kind in own.items() if kind not in table] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_family_has_a_row_and_none_answers_with_a_yes(service: str) -> None:
    table = SERVICES[service]
    assert set(FAMILIES) <= set(table)
    assert answer_for(Misconfigured("x"), table).status == 500
    assert answer_for(Malformed("x"), table).status == 400
    assert answer_for(PassportError("x"), table).code == "internal_error"


def test_the_families_are_found_by_reading() -> None:
    found = error_classes("passport")
    assert {f"passport.errors.{kind.__name__}" for kind in (PassportError, *FAMILIES)} <= set(found)
