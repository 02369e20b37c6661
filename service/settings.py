"""The settings that every service shares; each process adds its own and its prefix, and reads nothing else.

A subclass sets ``model_config = service_config("ISSUER_")``. Bad settings stop the start with one sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, IPvAnyNetwork, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from passport.errors import Misconfigured
from passport.shape_faults import expectation
from service.profile import Profile

S = TypeVar("S", bound=BaseSettings)

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s@]+$", max_length=256)]


def service_config(prefix: str) -> SettingsConfigDict:
    """Frozen settings under one prefix; unknown variables of other programs are not ours to judge."""
    return SettingsConfigDict(env_prefix=prefix, frozen=True, extra="ignore")


class ServiceSettings(BaseSettings):
    """Where a service listens, keeps its state, finds its keys and the ledger."""

    model_config = service_config("SERVICE_")

    profile: Profile = Profile.PRODUCTION
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    base_url: Origin
    state_dir: Path
    database_url: str = ""  # empty: a SQLite file in state_dir
    rpc_url: str
    other_rpc_urls: tuple[str, ...] = ()  # JSON list: further nodes that must agree with the first
    confirmations: int = Field(default=1, ge=1, le=1_000)
    first_block: int = Field(default=0, ge=0)
    chain_id: int = Field(ge=1)
    contracts: dict[str, str]
    trust_roots: Path
    signing_key: Path
    certificate: Path
    account_key: Path
    did: str
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """JSON list of addresses and networks whose ``X-Forwarded-For`` counts; nobody else's does."""
    log_level: str = "INFO"
    fault_point: str = Field(default="", validation_alias="FAULT_POINT")

    def proxies(self) -> tuple[str, ...]:
        """The trusted proxies, as text."""
        return tuple(str(network) for network in self.trusted_proxies)

    def database(self, name: str) -> str:
        """The database's URL: the one given, else a SQLite file called ``name`` in the state directory."""
        return self.database_url or f"sqlite:///{self.state_dir.absolute() / name}.sqlite"


def read_settings(kind: type[S]) -> S:
    """The settings from the environment.

    Raises:
        Misconfigured: one is missing or wrong; the message names variables and never repeats a value.
    """
    prefix = kind.model_config.get("env_prefix", "")
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(
            f"{prefix}{'_'.join(str(part) for part in one['loc']).upper()}: {expectation([one])}"
            for one in error.errors(include_url=False)
        )
        raise Misconfigured(f"bad settings: {wrong}") from error
