"""The hub's settings: prefix ``HUB_``, read here and nowhere else."""

from __future__ import annotations

from pydantic import Field

from service.settings import ServiceSettings, service_config


class HubSettings(ServiceSettings):
    """The house's settings, and how much a caller may ask."""

    model_config = service_config("HUB_")

    evaluations_a_day: int = Field(default=500_000, ge=1)
    questions_a_minute: int = Field(default=12_000, ge=1)
    traces_a_minute: int = Field(default=120, ge=1)
    checks_a_minute: int = Field(default=120_000, ge=1)
    review_rule: bool = True
    """Whether the graph's default rule may ask for a person; the law's tracks are not switchable."""
