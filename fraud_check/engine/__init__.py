"""The money-flow graph: where money from warning accounts went, hop by hop, in time.

Follows ``design.md`` section 6. The algorithm is ``fraud_check/rust/engine``; this package is its front door and knows
no account number, clock, file or network: accounts are dense integers that the caller hands out.

What is said here, and tested against a slow and obvious oracle:

* A transfer may be followed only if it happened strictly after the money arrived; with ``Tie.SEQ`` also in the same
  tick, if it was appended later. A seed's taint starts at its time, and only strictly later transfers carry it.
* Walks, not simple paths. ``start``, ``end``, ``min_amount`` and ``dwell`` are inclusive; ``dwell`` does not bind a
  seed's own start. Accounts in ``stop`` are entered but not passed through; a seed among them still starts.
* ``min_share`` measures a transfer against all that its payer paid within ``start`` and ``end`` (backward: all that its
  receiver received), in ten-thousandths and inclusive: a property of the transfer, whoever asks and however it is reached.
  The standing rule has none.
* Every appended row is a transfer of its own: equal rows are two, told apart by their sequence number (a caller that
  may send a row twice removes it before). A self-transfer carries nothing. A transfer of zero is followed like any
  other, unless ``min_amount`` is above zero. Rows may come late: the answer is as if they had come in order of time,
  except that ``Tie.SEQ`` knows the order of arrival.
* An answer that hit a budget says so and which; what it reports is true, and incomplete.
"""

from __future__ import annotations

from fraud_check.engine._engine import (
    MAX_ACCOUNTS,
    AccountAnswer,
    AccountSet,
    AccountTaint,
    Finding,
    Findings,
    Kept,
    Names,
    Sighting,
    Sightings,
    Spread,
    Taint,
    Transfer,
)
from fraud_check.engine.graph import MoneyFlowGraph
from fraud_check.engine.question import (
    Budget,
    Direction,
    Method,
    Pattern,
    Question,
    Seeds,
    Shape,
    StandingRule,
    Tie,
    Watching,
)

__all__ = [
    "MAX_ACCOUNTS",
    "AccountAnswer",
    "AccountSet",
    "AccountTaint",
    "Budget",
    "Direction",
    "Finding",
    "Findings",
    "Kept",
    "Method",
    "MoneyFlowGraph",
    "Names",
    "Pattern",
    "Question",
    "Seeds",
    "Shape",
    "Sighting",
    "Sightings",
    "Spread",
    "StandingRule",
    "Taint",
    "Tie",
    "Transfer",
    "Watching",
]
