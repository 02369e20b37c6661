"""Anchor what was issued: batches of a fixed size on a fixed clock (design section 5, Leaves).

A batch is sealed once: its leaves, its padding and its order are durable before the ledger hears of its root. A kill
after sending (threats.md F06) therefore anchors the same root again, which the ledger answers with the first record;
no batch ever has a second root. Padding is random and looks like any other leaf.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from issuer.claims_of import VCT_OF
from issuer.offer import Configuration
from issuer.ports import AnchorLedger
from issuer.storage.anchors import AnchorStore, SealedBatch
from passport.anchor import LeafFile, Tree, padded
from passport.clock import Clock, Entropy, to_epoch
from passport.errors import Reason, Rejected, Unavailable
from passport.registry import Grant, schema_id
from service import faults
from service.logs import log_event

logger = logging.getLogger(__name__)

_ALARM_SECONDS: Final = 60


class AnchorBatches:
    """The use case."""

    def __init__(
        self, *, store: AnchorStore, ledger: AnchorLedger, clock: Clock, entropy: Entropy, batch_size: int
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._entropy = entropy
        self._size = batch_size

    def tick(self) -> int:
        """Anchor every batch that is sealed, and every leaf that waits; how many batches.

        Raises:
            Unavailable: the ledger does not answer; what waits goes on waiting.
        """
        anchored = sum(self._anchor(batch) for batch in self._store.sealed())
        for configuration in self._store.waiting():
            grant = self._grant(configuration)
            if grant is None:
                continue
            while (batch := self._seal(configuration, grant.number)) is not None:
                faults.hit("anchor.after_seal")
                anchored += self._anchor(batch)
        return anchored

    def check(self) -> None:
        """For readiness: nothing has waited longer than was promised.

        Raises:
            Unavailable: something has.
        """
        oldest = self._store.oldest_waiting()
        if oldest is not None and to_epoch(self._clock.now()) - oldest > _ALARM_SECONDS:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "expected no leaf to wait longer than was promised")

    def _grant(self, configuration: Configuration) -> Grant | None:
        grant = self._ledger.grant(schema_id(VCT_OF[configuration]), self._clock.now())
        if grant is None:
            log_event(logger, "no_grant_to_anchor_under", level=logging.ERROR, kind=configuration.value)
        return grant

    def _seal(self, configuration: Configuration, grant_number: int) -> SealedBatch | None:
        def build(leaves: Sequence[bytes]) -> SealedBatch:
            tree = Tree(padded(leaves, self._size, self._entropy))
            return SealedBatch(configuration, grant_number, tree.root, tree.size, LeafFile(tree).to_bytes())

        return self._store.seal(configuration, most=self._size, build=build, now=self._clock.now())

    def _anchor(self, batch: SealedBatch) -> bool:
        schema = schema_id(VCT_OF[batch.configuration])
        try:
            record = self._ledger.anchor(schema, batch.grant_number, batch.root, batch.size)
        except Rejected as refused:
            log_event(
                logger, "anchor_refused", level=logging.ERROR, failure=refused, grant=batch.grant_number
            )
            grant = self._grant(batch.configuration)
            if grant is not None and grant.number != batch.grant_number:
                self._store.regrant(batch.root, grant.number)
            return False
        faults.hit("anchor.after_send")
        self._store.anchored(record)
        return True
