"""The default rule for *review*, dated and switchable (design section 6).

At most 3 hops, 30 days, transfers of NT$10,000 or more. Dwell, the stop set and the haircut amount come with the graph's
own work; a verdict names the version that judged it.
"""

from __future__ import annotations

from typing import Final

from fraud_check.ports import FlowRule

DEFAULT_RULE: Final = FlowRule(
    version="graph-2026-01", max_hops=3, window_days=30, min_amount_minor=10_000_00, enabled=True
)
