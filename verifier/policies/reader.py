"""Reads policy files: JSON of the strict kind, each named like its policy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from passport import strict_json
from passport.errors import Malformed, Misconfigured
from verifier.policies.answerable import require_answerable
from verifier.policies.model import Policy

_SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy with the hash of the file that it was read from."""

    policy: Policy
    sha256: bytes


def read_policies(folder: Path | None = None) -> Mapping[str, KnownPolicy]:
    """Every policy in a folder, by name; without one those that ship with the program.

    Raises:
        Misconfigured: a file cannot be read, is not a policy or one that no credential could meet, or the folder has none.
    """
    found: dict[str, KnownPolicy] = {}
    for path in sorted((folder or _SHIPPED).glob("*.json")):
        try:
            content = path.read_bytes()
            policy = Policy.read(strict_json.loads(content))
            require_answerable(policy)
        except (OSError, Malformed) as error:
            raise Misconfigured(f"policy file {path.name}: {error}") from error
        if policy.name != path.stem:
            raise Misconfigured(f"policy file {path.name}: expected it to be named like its policy")
        found[policy.name] = KnownPolicy(policy, hashlib.sha256(content).digest())
    if not found:
        raise Misconfigured("expected a folder with at least one policy file")
    return found
