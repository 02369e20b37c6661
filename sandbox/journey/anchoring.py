"""Step 7: the credential's leaf is in a batch whose root bank A anchored on the ledger."""

from __future__ import annotations

import time

from passport.anchor import AnchorScope, LeafFile, leaf_hash
from passport.anchor.leaf_file import LEAF_FILE_MEDIA_TYPE
from passport.credential import OpenClaims
from passport.errors import Reason, Rejected, Unavailable
from passport.identifiers import PROOF_OF_FUNDS
from passport.registry import AnchorRecord, schema_id
from passport.sd_jwt import credential_hash, parse
from passport.strict_json import as_object, loads
from sandbox.journey.stage import Stage
from sandbox.journey.step import Evidence, Step, require

_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.05


def find_anchor(stage: Stage) -> Evidence:
    """Wait for the batch; its leaf file is public and anybody may mirror it."""
    leaf = _leaf(stage)
    until = time.monotonic() + _PATIENCE_SECONDS
    looked_at: set[bytes] = set()
    while time.monotonic() < until:
        for anchor in _anchors(stage):
            if anchor.root in looked_at:
                continue
            url = f"{stage.standing.installation.bank_a.base_url}/leaves/{anchor.root.hex()}"
            answer = stage.http.get(url, accept=(LEAF_FILE_MEDIA_TYPE,))
            if not answer.ok:
                continue
            looked_at.add(anchor.root)
            if leaf in LeafFile.parse(answer.body, root=anchor.root, size=anchor.size).tree.leaves:
                says = f"one of {anchor.size} leaves, anchored in block {anchor.block.number}"
                return Evidence("leaf file", answer.body, says)
        time.sleep(_POLL_SECONDS)
    raise Unavailable(Reason.ANCHOR_PENDING, f"expected the anchor within {_PATIENCE_SECONDS:.0f} s")


def check_anchor(stage: Stage, evidence: Evidence) -> None:
    """The file's leaves make a root that bank A anchored under its grant, and our leaf is among them."""
    for anchor in _anchors(stage):
        try:
            found = LeafFile.parse(evidence.body, root=anchor.root, size=anchor.size)
        except Rejected:
            continue
        require(_leaf(stage) in found.tree.leaves, "the credential's own leaf")
        return
    require(holds=False, expected="leaves whose root is on the ledger")


def _anchors(stage: Stage) -> tuple[AnchorRecord, ...]:
    bank = stage.standing.accreditation.dids["bank_a"]
    return tuple(one for one in stage.ledger.anchors_since(0) if one.issuer == bank.address)


def _leaf(stage: Stage) -> bytes:
    """What the wallet's own copy makes: whoever holds the credential can find its leaf, and nobody else."""
    text = stage.funds_copies[0]
    claims = OpenClaims.read(as_object(loads(parse(text).issuer_jwt.unverified_payload)))
    scope = AnchorScope(
        chain_id=claims.anchor.chain_id,
        registry=claims.anchor.registry,
        issuer=stage.standing.accreditation.dids["bank_a"].address,
        schema=schema_id(PROOF_OF_FUNDS),
    )
    return leaf_hash(scope, salt=claims.anchor.salt, credential_hash=credential_hash(text))


STEPS = (
    Step("7", "bank A → ledger", "anchors the batch of credential commitments", find_anchor, check_anchor),
)
