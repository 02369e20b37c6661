"""The world that a command works against: the file a running sandbox writes last.

``--world FILE`` or ``PASSPORT_WORLD`` names it, by default ``var/sandbox.json``. Commands of the bank's officer, of
bank X and of the police also need that participant's own secret, which lies beside it with mode 0600.
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

WorldOption = Annotated[
    Path | None,
    typer.Option("--world", help="The running world's file; default var/sandbox.json, or PASSPORT_WORLD."),
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


def find_world(path: Path | None) -> FoundWorld:
    """Read the world file.

    Raises:
        Misconfigured: no world is up, or the file is not one of ours; says how to start one.
    """
    chosen = path or Path(os.environ.get("PASSPORT_WORLD", DEFAULT_WORLD))
    try:
        text = chosen.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(
            f"no world is up: expected {chosen}. Start one with `make up` in another terminal, or name it with --world."
        ) from None
    except OSError as error:
        raise Misconfigured(f"cannot read {chosen}: {error.strerror}") from error
    try:
        return FoundWorld(chosen, WorldFile.model_validate(json.loads(text)))
    except (ValueError, ValidationError) as error:
        raise Misconfigured(f"{chosen} is not a world file: start the world again with `make up`") from error
