"""Static files of banks: status lists and batches' leaves, by one guarded GET."""

from __future__ import annotations

from collections.abc import Sequence

from outbound import FetchLimits, HttpClient
from passport.errors import Malformed, Reason, Rejected, Unavailable


class BankFiles:
    """``Fetcher`` over the guarded client."""

    def __init__(self, http: HttpClient, *, seconds: float = 3.0) -> None:
        self._http = http
        self._seconds = seconds

    def get(self, url: str, *, accept: Sequence[str], max_bytes: int) -> bytes:
        """The body of a 200.

        Raises:
            Unavailable: UPSTREAM_UNAVAILABLE, anything else.
        """
        limits = FetchLimits(max_bytes=max_bytes, seconds=self._seconds)
        try:
            answer = self._http.get(url, accept=accept, limits=limits)
        except (Rejected, Malformed) as error:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"expected a file of a bank: {error}") from error
        if not answer.ok:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"expected a file of a bank, got {answer.status}")
        return answer.body
