"""What banks registered, by the hash that the ledger keeps with their grants.

The documents come from a folder that the registrar publishes; whoever changed one changed its hash, and the ledger no
longer vouches for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from passport import strict_json
from passport.errors import Malformed, Misconfigured
from passport.registry import IssuerRegistration, evidence_hash
from passport.strict_json import as_object


def read_registrations(folder: Path | None) -> Mapping[bytes, IssuerRegistration]:
    """Every registration in a folder, by its evidence hash; without a folder, none.

    Raises:
        Misconfigured: a file cannot be read or is no registration.
    """
    if folder is None:
        return {}
    found: dict[bytes, IssuerRegistration] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            document = as_object(strict_json.loads(path.read_bytes()))
            found[evidence_hash(document)] = IssuerRegistration.read(document)
        except (OSError, Malformed) as error:
            raise Misconfigured(f"issuer registration {path.name}: {error}") from error
    return found
