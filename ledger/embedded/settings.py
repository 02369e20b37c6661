"""The gateway's settings: the only reader of its environment (prefix ``LEDGER_``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.embedded.process import default_anvil

DEVELOPMENT_CHAIN_ID = 31337


class GatewaySettings(BaseSettings):
    """Where the journal lies, which port to serve, which chain to be."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True, extra="ignore")

    state_dir: Path
    port: Annotated[int, Field(ge=0, le=65535)] = 8545
    chain_id: Annotated[int, Field(ge=1, lt=1 << 53)] = DEVELOPMENT_CHAIN_ID
    snapshot_every: Annotated[int, Field(ge=1)] = 500
    anvil: Path = Field(default_factory=default_anvil)
