"""Token epochs: one secret seed each, in a private file of the hub's own; the public half is published, signed.

Evaluations are made in the current epoch and, while its successor takes over, in the one before. Re-tokening an epoch's
data is the members' work: only they hold the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fraud_check.storage.epochs import EpochRecord, add_epoch, epoch_records
from fraud_check.tokens import EvaluationKey
from passport.clock import Clock, Entropy, from_epoch, to_epoch
from passport.errors import Misconfigured, Reason, Rejected
from passport.jose import b64u_encode
from service.database import Database
from service.key_files import load_secret, save_secret

_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch's key and its time; it ends when a later one is current for good."""

    key: EvaluationKey
    since: datetime
    until: datetime | None

    @property
    def number(self) -> int:
        """Its name."""
        return self.key.epoch


class Epochs:
    """Every epoch that this hub ever opened."""

    def __init__(self, epochs: Sequence[Epoch]) -> None:
        self._epochs: Mapping[int, Epoch] = {epoch.number: epoch for epoch in epochs}
        self.current = max(self._epochs)

    def all(self) -> tuple[Epoch, ...]:
        """Oldest first."""
        return tuple(self._epochs[number] for number in sorted(self._epochs))

    def usable(self, *, at: datetime) -> frozenset[int]:
        """The epochs of which tokens are made and taken: the current one, and one before while that takes over."""
        return frozenset(one.number for one in self._epochs.values() if one.until is None or at < one.until)

    def key(self, number: int, *, at: datetime) -> EvaluationKey:
        """The key to evaluate under.

        Raises:
            Rejected: NOT_FOUND, there is no such epoch, or it has ended.
        """
        epoch = self._epochs.get(number)
        if epoch is None or (epoch.until is not None and at >= epoch.until):
            raise Rejected(Reason.NOT_FOUND, f"expected the current epoch, {self.current}")
        return epoch.key


def open_epochs(database: Database, folder: Path, clock: Clock, entropy: Entropy) -> Epochs:
    """Load every epoch's key; on the first start make the first one.

    The seed's file is written before the row, so that a published key can always be used.

    Raises:
        Misconfigured: a file is missing, open to others, or does not give the published key.
    """
    records = epoch_records(database) or [_open_first(database, folder, clock, entropy)]
    return Epochs([_load(record, folder) for record in records])


def _seed_file(folder: Path, epoch: int) -> Path:
    return folder / f"token-epoch-{epoch}.seed"


def _open_first(database: Database, folder: Path, clock: Clock, entropy: Entropy) -> EpochRecord:
    path = _seed_file(folder, 1)
    if not path.exists():
        save_secret(path, entropy.token(_SEED_BYTES))
    key = EvaluationKey(load_secret(path, "token key"), 1)
    record = EpochRecord(1, b64u_encode(key.public_key), to_epoch(clock.now()))
    add_epoch(database, record)
    return record


def _load(row: EpochRecord, folder: Path) -> Epoch:
    key = EvaluationKey(load_secret(_seed_file(folder, row.epoch), "token key"), row.epoch)
    if b64u_encode(key.public_key) != row.public_key:
        raise Misconfigured(f"token key of epoch {row.epoch}: its file does not give the published key")
    return Epoch(key, from_epoch(row.since), None if row.until is None else from_epoch(row.until))
