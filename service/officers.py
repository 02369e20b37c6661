"""Officers of a bank: who they are as people, and whose token came with a call.

Each officer has a token of their own, so that who acts is who called. Where two must agree, two *people* must: each id
names the person behind it, and two ids of one person are one pair of eyes (threats.md T62).
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from passport.errors import Misconfigured, Reason, Rejected
from passport.shape_faults import told_of_json
from service.access import AccessRule, bearer_of
from service.key_files import load_secret_text, read_file

Text = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who may decide. ``person`` is who that is: the same for every id of one person."""

    id: str
    name: str
    person: str


class _OfficerPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    name: Text
    person: Text | None = None


_OFFICERS: Final = TypeAdapter(list[_OfficerPart])


def read_officers(path: Path) -> Mapping[str, Officer]:
    """Officers by id, from a JSON file: ``[{"id", "name", "person": optional, the id}]``.

    Raises:
        Misconfigured: it cannot be read, is of another form, or names one id twice.
    """
    content = read_file(path, "the officers' file")
    try:
        parts = _OFFICERS.validate_json(content)
    except ValidationError as error:
        wrong = told_of_json(error.errors(include_url=False), content)
        raise Misconfigured(f"officers: {path}: {wrong}") from error
    officers = {one.id: Officer(one.id, one.name, one.person or one.id) for one in parts}
    if len(officers) != len(parts):
        raise Misconfigured(f"officers: {path}: expected each officer's id once")
    return officers


def read_officer_tokens(
    folder: Path | None, known: Collection[str], others: Collection[str]
) -> Mapping[str, str]:
    """Each officer's token by the officer's id, out of private files ``<officer id>.token``; none without a folder.

    ``others`` are the tokens of other interfaces of this service, which open none of the officers'.

    Raises:
        Misconfigured: a file cannot be read or is not private, is no officer's, or two of them hold one token.
    """
    files = sorted(folder.glob("*.token")) if folder is not None else []
    for file in files:
        if file.stem not in known:
            raise Misconfigured(f"officer tokens: {file} is the token of nobody who is an officer")
    tokens = {file.stem: load_secret_text(file, "officer token") for file in files}
    if len({*others, *tokens.values()}) != len(others) + len(tokens):
        raise Misconfigured("officer tokens: expected another token for each officer and for the operator")
    return tokens


class OfficerAccess(AccessRule):
    """An officer's own token; who it is, is then ``request.state.officer``."""

    described = "bearer token of one of the bank's officers"

    def __init__(self, tokens: Mapping[str, str]) -> None:
        """``tokens`` is each officer's token by the officer's id."""
        self._tokens = {officer: token.encode() for officer, token in tokens.items()}

    async def __call__(self, request: Request) -> None:
        """Find whose token it is, in a time that does not tell how close a guess was.

        Raises:
            Rejected: NOT_AUTHORISED, nobody's.
        """
        request.state.officer = self._whose(bearer_of(request))

    def _whose(self, presented: str) -> str:
        found = [who for who, token in self._tokens.items() if hmac.compare_digest(presented.encode(), token)]
        if len(found) != 1:
            raise Rejected(Reason.NOT_AUTHORISED, "expected the bearer token of one of the bank's officers")
        return found[0]


async def calling_officer(request: Request) -> str:
    """Whom ``OfficerAccess`` found."""
    officer: str = request.state.officer
    return officer
