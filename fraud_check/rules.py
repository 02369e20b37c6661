"""The default rule for *review*, dated and switchable (design section 6).

At most 3 hops, 30 days, transfers of NT$10,000 or more that rest at most 72 hours, and a haircut amount of NT$10,000 or
more. The stop set (merchants, tax, utilities) is empty until members name such accounts. A verdict names the version that
judged it.
"""

from __future__ import annotations

from typing import Final

from fraud_check.ports import FlowRule

DEFAULT_RULE: Final = FlowRule(
    version="graph-2026-02",
    max_hops=3,
    window_days=30,
    min_amount_minor=10_000_00,
    dwell_hours=72,
    min_tainted_minor=10_000_00,
    enabled=True,
)
