"""The world that a command works against: the file a running sandbox writes last.

``--world FILE`` or ``PASSPORT_WORLD`` names it. Else it is ``var/sandbox.json`` in this folder or the nearest folder above
that has one, else in the checkout that this program runs from: so it is found from any folder. Commands of the bank's
officer, of bank X and of the police also need that participant's own secret, which lies beside it with mode 0600.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from passport.errors import Misconfigured

DEFAULT_WORLD = Path("var/sandbox.json")
CHECKOUT = Path(__file__).resolve().parents[1]

WorldOption = Annotated[
    Path | None,
    typer.Option(
        "--world",
        help="The running world's file; by default PASSPORT_WORLD, or var/sandbox.json found from here.",
    ),
]


class Party(BaseModel):
    """One participant as the world file names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str
    did: str
    secret_file: Path | None = None
    officers_directory: Path | None = None


class WorldFile(BaseModel):
    """What ``sandbox.json`` holds for commands; further members are other programs' business."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rpc_url: str
    chain_id: int
    contracts: dict[str, str]
    bank_a: Party
    bank_x: Party
    hub: Party | None = None
    police_directory: Path | None = None


@dataclass(frozen=True, slots=True)
class FoundWorld:
    """The file and what it says."""

    path: Path
    file: WorldFile

    def secret_of(self, party: Party, who: str) -> str:
        """The bearer token of a participant's own people.

        Raises:
            Misconfigured: there is none, or it cannot be read.
        """
        if party.secret_file is None:
            raise Misconfigured(f"{self.path}: expected a secret file of {who}, got none")
        return self._read_token(party.secret_file, who)

    def secret_of_officer(self, party: Party, officer: str) -> str:
        """The bearer token of one officer.

        Raises:
            Misconfigured: there is no such officer, or the token cannot be read.
        """
        if party.officers_directory is None:
            raise Misconfigured(f"{self.path}: expected a directory of officers' tokens, got none")
        folder = self.path.parent / party.officers_directory
        known = sorted(file.stem for file in folder.glob("*.token"))
        if officer not in known:
            raise Misconfigured(
                f"expected an officer with a token in {folder}: {', '.join(known) or 'nobody'}"
            )
        return self._read_token(party.officers_directory / f"{officer}.token", f"officer {officer}")

    def _read_token(self, relative: Path, who: str) -> str:
        path = self.path.parent / relative
        try:
            return path.read_text().strip()
        except OSError as error:
            raise Misconfigured(f"the token of {who}: cannot read {path}: {error.strerror}") from error


def world_path(named: Path | None) -> Path:
    """The world's file: the option, else PASSPORT_WORLD, else the one that `make up` keeps, found from any folder.

    A file that belongs to somebody else is passed over while looking: it names the roots that a wallet trusts, and
    anybody may put one into a shared folder above this one.
    """
    if _is_named(named):
        return named or Path(os.environ["PASSPORT_WORLD"])
    here = Path.cwd()
    for folder in (here, *here.parents, CHECKOUT):
        if _is_ours(folder / DEFAULT_WORLD):
            return folder / DEFAULT_WORLD
    return CHECKOUT / DEFAULT_WORLD


def _is_named(option: Path | None) -> bool:
    return option is not None or bool(os.environ.get("PASSPORT_WORLD"))


def _is_ours(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def find_world(path: Path | None) -> FoundWorld:
    """Read the world file.

    Raises:
        Misconfigured: no world is up, or the file is not one of ours; says how to start one.
    """
    chosen = world_path(path)
    try:
        text = chosen.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(
            f"no world is up: expected {chosen}{'' if _is_named(path) else ', or one in this folder or above it'}. "
            "Start one with `make up` in another terminal, or name it with --world."
        ) from None
    except OSError as error:
        raise Misconfigured(f"cannot read {chosen}: {error.strerror}") from error
    try:
        return FoundWorld(chosen, WorldFile.model_validate(json.loads(text)))
    except (ValueError, ValidationError) as error:
        raise Misconfigured(f"{chosen} is not a world file: start the world again with `make up`") from error
