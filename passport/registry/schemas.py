"""A schema's name on the ledger: the keccak-256 of its ``vct`` (design section 3).

The values are constants of ``passport.identifiers``, since keccak-256 is not among this room's libraries; a test
of ``ledger`` computes them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from passport.errors import Reason, Rejected
from passport.identifiers import SCHEMA_IDS, Vct


def schema_ids() -> Mapping[Vct, bytes]:
    """Every credential type that this project can name on the ledger, with its 32-byte id."""
    return MappingProxyType(SCHEMA_IDS)


def schema_id(vct: Vct) -> bytes:
    """The 32-byte id of a credential type.

    Raises:
        Rejected: SCHEMA_INVALID, the type is not one of ours.
    """
    try:
        return SCHEMA_IDS[vct]
    except KeyError:
        raise Rejected(Reason.SCHEMA_INVALID, "expected a credential type of this project") from None
