"""How large an OpenID4VCI message may be before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes, counts and ages."""

    text: int = 512
    uri: int = 2_048
    token: int = 4_096
    credential: int = 131_072
    configurations: int = 16
    batch: int = 20
    languages: int = 32
    claims: int = 256
    tx_code: int = 32
    form_bytes: int = 16_384
    message_bytes: int = 524_288
    proof_age: timedelta = timedelta(minutes=5)
    clock_skew: timedelta = timedelta(seconds=60)


LIMITS: Final = Limits()
