"""Find the anchor of a credential: in the leaf files that were followed, or by a proof that the wallet sent along.

1. The credential says which chain and registry; another is no anchor of ours.
2. Its leaf is computed from what its issuer signed, so it can only be anchored by that issuer and for that type.
3. A batch that holds the leaf, or a proof of inclusion, counts only by the record that the ledger has now.
4. Of several anchors the earliest counts: anchoring again later makes nothing older or newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from passport.anchor import AnchorProof, AnchorScope, leaf_hash, verify_inclusion
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Address
from passport.registry import AnchorRecord, schema_id
from passport.strict_json import JsonObject
from verifier.evidence import AuthenticCredential
from verifier.ports import AnchorFacts, LeafIndex


@dataclass(frozen=True, slots=True)
class AnchorFinder:
    """Reads what the follower keeps."""

    chain_id: int
    registry: Address
    facts: AnchorFacts
    index: LeafIndex

    def find(self, credential: AuthenticCredential, proofs: Sequence[JsonObject] = ()) -> AnchorRecord | None:
        """The credential's anchor, if it is known now.

        Raises:
            Rejected: WRONG_CHAIN, or ANCHOR_MISSING where it names another registry.
        """
        # 1. Where.
        terms = credential.anchor
        if terms.chain_id != self.chain_id:
            raise Rejected(Reason.WRONG_CHAIN, f"expected an anchor on chain {self.chain_id:#x}")
        if terms.registry != self.registry:
            raise Rejected(Reason.ANCHOR_MISSING, "expected an anchor in the consortium's registry")
        # 2. The leaf.
        scope = AnchorScope(
            self.chain_id, self.registry, credential.issuer.address, schema_id(credential.vct)
        )
        leaf = leaf_hash(scope, salt=terms.salt, credential_hash=credential.credential_hash)
        # 3. and 4. Records of the ledger, the earliest first.
        found = [*self._by_file(scope, leaf), *self._by_proof(scope, leaf, proofs)]
        return min(found, key=lambda record: record.block.number, default=None)

    def _by_file(self, scope: AnchorScope, leaf: bytes) -> Iterator[AnchorRecord]:
        for batch in self.index.batches_of(leaf):
            if (batch.issuer, batch.schema) != (scope.issuer, scope.schema):
                continue
            record = self.facts.anchor(batch.issuer, batch.schema, batch.grant_number, batch.root)
            if record is not None:
                yield record

    def _by_proof(
        self, scope: AnchorScope, leaf: bytes, proofs: Iterable[JsonObject]
    ) -> Iterator[AnchorRecord]:
        """A wallet's proofs are an extra, which a stranger's wallet does not send: one that does not hold is no proof."""
        for received in proofs:
            try:
                proof = AnchorProof.read(received)
                if proof.anchored_by != scope.issuer:
                    continue
                record = self.facts.anchor(scope.issuer, scope.schema, proof.grant_number, proof.root_hash)
                if record is None:
                    continue
                verify_inclusion(leaf, proof.inclusion(), root=record.root, size=record.size)
            except (Malformed, Rejected):
                continue
            yield record
