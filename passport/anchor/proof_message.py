"""The proof that a wallet may send along: one entry of the response parameter ``anchor_proofs`` (design section 5).

It names the anchor that the verifier then reads from the ledger, and proves the credential's leaf in it. Which
credential it is about follows from the leaf, so a wrong one proves nothing. None is ever required. Leaves out
checkpoints, for verifying with the chain unreachable.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from passport.anchor.inclusion import MAX_PATH, InclusionProof
from passport.identifiers import Address
from passport.jose import b64u_decode, b64u_encode
from passport.messages import Message
from passport.registry import AnchorRecord

_Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}\z")]
_Natural = Annotated[int, Field(ge=0, lt=2**53)]


class AnchorProof(Message):
    """Which anchor, and the way to its root; hashes are base64url."""

    issuer: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}\z")]
    grant_number: _Natural
    root: _Hash
    size: _Natural
    index: _Natural
    path: Annotated[tuple[_Hash, ...], Field(max_length=MAX_PATH)]

    @classmethod
    def of(cls, record: AnchorRecord, proof: InclusionProof) -> Self:
        """The message for a leaf's proof under an anchor."""
        return cls(
            issuer=str(record.issuer),
            grant_number=record.grant_number,
            root=b64u_encode(record.root),
            size=proof.size,
            index=proof.index,
            path=tuple(b64u_encode(node) for node in proof.path),
        )

    @property
    def anchored_by(self) -> Address:
        """The issuer's account."""
        return Address(self.issuer)

    @property
    def root_hash(self) -> bytes:
        """The root, raw."""
        return b64u_decode(self.root)

    def inclusion(self) -> InclusionProof:
        """The proof to verify against the anchor that the ledger has.

        Raises:
            Malformed: the index is not below the size, or a node is not in canonical base64url.
        """
        return InclusionProof(self.index, self.size, tuple(b64u_decode(node) for node in self.path))
