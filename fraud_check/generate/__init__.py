"""Inter-bank transfers from a seed, with planted mule chains and innocent look-alikes.

For tests and benchmarks only: it knows nothing of real customers. Its statistics follow what is published of real payment
networks (heavy tails in both directions, few transfers per pair, many accounts that only receive) and are tests.
Amounts are minor units of TWD (two decimals), times milliseconds since the epoch.
"""

from __future__ import annotations

from fraud_check.generate.cases import Case, Role, Shape
from fraud_check.generate.world import Scale, Tick, Transfers, World, generate

__all__ = ["Case", "Role", "Scale", "Shape", "Tick", "Transfers", "World", "generate"]
