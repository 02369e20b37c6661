"""What the verifier admits: whole applications, and no more answers than it can decide in time.

An application begins when the bank's own system opens it; fetching the request and posting the answer go on with it. A
wallet's answer grows stale while it waits undecided, so the checks that wait beside the requests count as work to come:
new applications are refused first, then answers, before anything of them is spent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.admission import FIRST_STEP, HEALTH, PLACES, Admission, Admitting, Kind, Rule

MOST_RESULTS: Final = 256
"""So many may wait for results, each for ten seconds at most; of one result ``MOST_OF_ONE_RESULT``."""
MOST_OF_ONE_RESULT: Final = 4
_PLACES: Final = {"wallets": PLACES, "results": MOST_RESULTS, "bank": 4, "other": 2}
MOST_UNDECIDED_SECONDS: Final = 8.0
"""An answer that would be decided later than so is not taken."""


def verifier_admission(undecided_seconds: Callable[[], float]) -> Admitting:
    """The verifier's kinds of requests; ``undecided_seconds`` is how long an answer that came now would wait for its check."""
    fetch = Kind("request", "wallets", wait=6.0, belongs=True, most=128)
    answer = Kind("answer", "wallets", wait=6.0, belongs=True, most=128, most_beside=MOST_UNDECIDED_SECONDS)
    result = Kind("result", "results", wait=0.0, most=1, most_of_one=MOST_OF_ONE_RESULT)
    return Admitting(
        Admission(_PLACES, beside=undecided_seconds),
        (
            HEALTH,
            Rule(
                Kind("application", "wallets", rank=FIRST_STEP, wait=1.5, begins=True, most=128),
                "/v1/applications",
                "POST",
            ),
            Rule(fetch, "/oid4vp/requests/*", journey_in_path=True),
            Rule(answer, "/oid4vp/responses/*", journey_in_path=True),
            Rule(result, "/v1/results/*", journey_in_path=True),
            Rule(Kind("bank's own", "bank", wait=10.0), "/v1/*"),
            Rule(Kind("other", "other", most=32), "*"),
        ),
    )
