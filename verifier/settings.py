"""The verifier's settings: the only reader of its environment (prefix ``VERIFIER_``)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from service.settings import Origin, ServiceSettings, service_config


class VerifierSettings(ServiceSettings):
    """What the verifier needs beside what every service has.

    ``policy_dir`` empty means the policies that ship with the program. ``issuer_registrations`` is a folder with the
    documents that banks registered, as the registrar publishes them; each counts by its hash on the ledger. With a hub there must be its DID, since a
    verdict counts only when the named hub signed it.
    """

    model_config = service_config("VERIFIER_")

    api_token: Path
    officers: Path | None = None
    officer_tokens: Path | None = None
    """The officers who settle reviews (``service/officers.py``), and a folder of their tokens; without both nobody does."""
    registration: Path
    issuer_registrations: Path | None = None
    policy_dir: Path | None = None
    hub_url: Origin | None = None
    hub_did: str | None = None
    webhook_url: str | None = None
    webhook_secret: Path | None = None
    follow_seconds: float = Field(default=0.2, gt=0, le=60)
    anchor_wait_seconds: float = Field(default=3.0, ge=0, le=30)
    promised_delay_seconds: int = Field(default=60, ge=1, le=3600)
    application_minutes: int = Field(default=15, ge=1, le=60)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """A half-named hub or webhook is a mistake, found at the start."""
        if (self.hub_url is None) != (self.hub_did is None):
            raise ValueError("expected HUB_URL and HUB_DID together, or neither")
        if (self.officers is None) != (self.officer_tokens is None):
            raise ValueError("expected OFFICERS and OFFICER_TOKENS together, or neither")
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("expected WEBHOOK_SECRET with WEBHOOK_URL")
        return self

    @property
    def anchor_wait(self) -> timedelta:
        """How long a check waits for its own follower to see an anchor."""
        return timedelta(seconds=self.anchor_wait_seconds)

    @property
    def promised_delay(self) -> timedelta:
        """How long after issuing a bank may take to anchor (design section 9)."""
        return timedelta(seconds=self.promised_delay_seconds)

    @property
    def application_lifetime(self) -> timedelta:
        """How long an application may wait for its wallet."""
        return timedelta(minutes=self.application_minutes)
