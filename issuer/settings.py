"""The issuer's settings: the only reader of ``ISSUER_…`` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from issuer.offer import Configuration
from service.settings import ServiceSettings, service_config

IssuerUrl = Annotated[
    str, StringConstraints(pattern=r"^https?://[^/?#\s@]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$", max_length=256)
]


class IssuerSettings(ServiceSettings):
    """What one issuing bank needs to know."""

    model_config = service_config("ISSUER_")

    base_url: IssuerUrl
    """The Credential Issuer Identifier. It may have a path, for several issuers at one host, and no slash at its end; the
    well-known documents then stand between host and path (OpenID4VCI 1.0 section 12.2.2, RFC 8414 section 3.1)."""
    operator_token: Path
    officer_tokens: Path | None = None
    """A directory with a private file ``<officer id>.token`` for each officer; without it nobody approves anything."""
    bank_file: Path
    registration: Path | None = None
    """What the bank registered as an issuer, JSON, the document behind its grants' evidence hash; shown to wallets."""
    configurations: tuple[Configuration, ...] = (
        Configuration.PROOF_OF_FUNDS,
        Configuration.IDENTITY,
        Configuration.PROOF_OF_FUNDS_VC11,
    )
    copies: Annotated[int, Field(ge=1, le=20)] = 5
    haip: bool = False
    """The HAIP 1.0 profile: no bearer tokens, each access token is bound to a key by DPoP."""

    anchor_interval: Annotated[float, Field(gt=0, le=3600)] = 0.5
    anchor_batch: Annotated[int, Field(ge=1, le=65536)] = 64

    w3c_key: Path | None = None
    """The Ed25519 key of W3C documents, a private JWK; by default in ``state_dir``, made at the first start."""

    hub_url: str = ""
    hub_did: str = ""
    consortium_key: Path | None = None
    """A private file of 64 hexadecimal digits; with it and ``hub_url`` the bank is a member of the hub."""
    alerts_interval: Annotated[float, Field(gt=0, le=60)] = 0.2
