"""What a world remembers between two starts: its ports, identities, contracts and how its customers sign in.

Written once, when everything is made; a directory without it was interrupted while being made and is made anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from passport.errors import Misconfigured, PassportError
from passport.identifiers import Address, DidEthr
from passport.registry import Role
from sandbox.accreditation import Accreditation, Accredited
from sandbox.core_banking import SignIn
from sandbox.installation import Installation
from sandbox.keys import write_secret

KEPT_FILE = "installation.json"
VERSION = 3
"""Counted up whenever an older world would not run any more."""


def keep(installation: Installation, accreditation: Accreditation, sign_in: SignIn) -> None:
    """Write it, readable by its owner only."""
    document = {
        "version": VERSION,
        "ports": installation.ports(),
        "contracts": {name: str(address) for name, address in accreditation.contracts.items()},
        "dids": {name: str(did) for name, did in accreditation.dids.items()},
        "grants": [
            {
                "who": str(grant.who),
                "role": grant.role.value,
                "schema": grant.schema.hex() if grant.schema else None,
                "number": grant.number,
                "evidence": grant.evidence.hex(),
            }
            for grant in accreditation.grants
        ],
        "sign_in": asdict(sign_in),
    }
    draft = installation.root / f"{KEPT_FILE}.new"
    draft.unlink(missing_ok=True)
    write_secret(draft, json.dumps(document).encode())
    draft.replace(installation.root / KEPT_FILE)


def find_kept(root: Path) -> tuple[Installation, Accreditation, SignIn] | None:
    """What an earlier start made here, or nothing.

    Raises:
        Misconfigured: there is such a file and it cannot be read.
    """
    path = root / KEPT_FILE
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_bytes())
        if kept.get("version") != VERSION:
            raise _made_otherwise(path)
        return (
            Installation.at(root, kept["ports"]),
            Accreditation(
                {name: Address(address) for name, address in kept["contracts"].items()},
                {name: DidEthr.parse(did) for name, did in kept["dids"].items()},
                tuple(
                    Accredited(
                        DidEthr.parse(grant["who"]),
                        Role(grant["role"]),
                        bytes.fromhex(grant["schema"]) if grant["schema"] else None,
                        int(grant["number"]),
                        bytes.fromhex(grant["evidence"]),
                    )
                    for grant in kept["grants"]
                ),
            ),
            SignIn(**kept["sign_in"]),
        )
    except Misconfigured:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, PassportError) as error:
        raise _made_otherwise(path) from error


def _made_otherwise(path: Path) -> Misconfigured:
    return Misconfigured(
        f"{path} was made by another version of this program: remove {path.parent} to make a new world. Wallets of the "
        "old one do not match the new: its banks, ledger and credentials are others, so make new wallets as well"
    )
