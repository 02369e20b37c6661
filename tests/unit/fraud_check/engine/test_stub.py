"""The stub file is the contract: it names exactly what the built module has, and documents all of it."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from fraud_check.engine import _engine

STUB = ast.parse((Path(__file__).parents[4] / "fraud_check/engine/_engine.pyi").read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
NUMBERS = {
    node.target.id
    for node in STUB.body
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
}


def methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}


def test_stub_names_what_the_module_has() -> None:
    built = {name for name in vars(_engine) if not name.startswith("_")}
    assert built == set(CLASSES) | NUMBERS


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_stub_class_equals_the_built_one(name: str) -> None:
    built, stub = getattr(_engine, name), methods(CLASSES[name])
    ours = {"__new__", "__contains__", "__len__"}
    plain = {
        key
        for key in vars(built)
        if not key.startswith("_") or (key in ours and not issubclass(built, Exception))
    }
    if "__new__" in plain and "__new__" not in stub:
        with pytest.raises(TypeError, match=r"No constructor|cannot create"):
            built()
        plain.discard("__new__")
    assert plain == set(stub)
    for method, node in stub.items():
        is_property = any(
            isinstance(mark, ast.Name) and mark.id == "property" for mark in node.decorator_list
        )
        assert ast.get_docstring(node), f"{name}.{method} has no words"
        assert is_property == inspect.isdatadescriptor(vars(built)[method]), method
        if is_property or method.startswith("__"):
            continue
        signature = inspect.signature(getattr(built, method))
        said = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
        assert list(signature.parameters) == said
        defaults = [parameter.default for parameter in signature.parameters.values()]
        written = [
            ast.literal_eval(value) for value in (*node.args.defaults, *node.args.kw_defaults) if value
        ]
        assert [value for value in defaults if value is not inspect.Parameter.empty] == written


def test_the_shipped_engine_has_no_place_that_panics_on_request() -> None:
    """Tests of panics run with a build of their own (``panics/run``); nothing of it is in this one, not even the names."""
    sources = (Path(__file__).parents[4] / "fraud_check/rust/bindings/src").glob("*.rs")
    places = {
        place.encode()
        for source in sources
        for place in re.findall(r'points::pass\("([a-z_.]+)"\)', source.read_text(encoding="utf-8"))
    }
    assert len(places) > 8
    built = Path(_engine.__file__).read_bytes()
    assert not {place for place in places | {b"panic_at", b"panics_left"} if place in built}


def test_everything_in_the_stub_is_documented() -> None:
    assert ast.get_docstring(STUB)
    for node in CLASSES.values():
        assert ast.get_docstring(node)
