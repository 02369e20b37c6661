"""The money-flow graph for histories beyond one machine: the spread as a Spark job over files.

Follows ``design.md`` section 6 and gives the answers of ``fraud_check.engine``, whose words on walks, ties and limits
bind this package too; ``Tie.SEQ``, witness paths, taint by content and labels are left to the engine. Transfers are
partitioned by payer once; a hop moves only who was reached. How it is sized: ``docs/batch.md``. Needs the packages of
``requirements-batch.lock`` (``make env-batch``), which nothing else imports.
"""

from __future__ import annotations

from fraud_check.batch.prepare import Work
from fraud_check.batch.session import Resources, open_spark
from fraud_check.batch.spread import BatchSummary, spread_histories

__all__ = ["BatchSummary", "Resources", "Work", "open_spark", "spread_histories"]
