"""The numbers of the law, dated and switchable in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from fraud_check.tracks.calendar import HOLIDAYS


@dataclass(frozen=True, slots=True)
class TrackRules:
    """Deposit-account regulations and Fraud Crime Hazard Prevention Act as this version of the code reads them."""

    version: str = "tracks-2025-12-30"
    warning_years: int = 2
    extension_years: int = 1
    admonition_years: int = 5
    earmark_lasts: timedelta = timedelta(hours=48)
    document_business_days: int = 5
    taint_reaches_back: timedelta = timedelta(days=30)
    admonition_daily_minor: int = 10_000_00
    holidays: frozenset[date] = field(default=HOLIDAYS, repr=False)
