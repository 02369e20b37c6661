"""The analyst's desk: the money-flow graph over files of transfers, for a shell or a notebook.

Files are CSV or Parquet by suffix. Transfers have the columns ``src,dst,time,amount``, seeds ``account,time``, answers
``account,hop,arrival,earliest,amount``. Accounts are any text or integers and come back as given; times are integer epoch
seconds or RFC 3339 and come back as given; amounts are integers in minor units, or decimals of a currency that is named.
Every answer says what its amounts are and what it looked at. Leaves out: the hub's tokens and rules.
"""

from __future__ import annotations

from fraud_check.analyst.account import AccountReport, PathStep, trace_account
from fraud_check.analyst.amounts import AmountUnit
from fraud_check.analyst.drawing import Flow
from fraud_check.analyst.following import Counting, Following, Source, ten_thousandths
from fraud_check.analyst.looked_at import LookedAt
from fraud_check.analyst.money import Money
from fraud_check.analyst.patterns import Looking, PatternSummary, pattern_files
from fraud_check.analyst.picture import picture_file
from fraud_check.analyst.spread import SpreadSummary, spread_files

__all__ = [
    "AccountReport",
    "AmountUnit",
    "Counting",
    "Flow",
    "Following",
    "LookedAt",
    "Looking",
    "Money",
    "PathStep",
    "PatternSummary",
    "Source",
    "SpreadSummary",
    "pattern_files",
    "picture_file",
    "spread_files",
    "ten_thousandths",
    "trace_account",
]
