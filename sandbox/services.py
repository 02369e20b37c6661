"""How each process of a world is started: its module, its environment, its health address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from outbound import FetchLimits, HttpClient, InsecureLoopback, OutboundPolicy
from passport.errors import PassportError
from passport.identifiers import Address
from sandbox.accreditation import Accreditation
from sandbox.installation import CHAIN_ID, LOOPBACK, Installation, Party
from sandbox.processes import Child

#: Asks glibc for huge pages of memory; other C libraries do not know it and do without.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def healthy(base_url: str) -> Callable[[], bool]:
    """A question whether the service there says that it is ready."""

    def ask() -> bool:
        # A client for each asking: one that is kept would hold connections to processes that ended long ago.
        policy, limits = OutboundPolicy(InsecureLoopback("sandbox")), FetchLimits(seconds=2.0)
        try:
            with HttpClient(policy, limits=limits) as http:
                return http.get(f"{base_url}/health/ready").ok
        except PassportError:
            return False

    return ask


def ledger_gateway(installation: Installation) -> Child:
    """The embedded chain behind its gateway."""
    return Child(
        name="ledger",
        module="ledger",
        environment={
            "LEDGER_STATE_DIR": str(installation.state("ledger")),
            "LEDGER_PORT": str(installation.ledger_port),
            "LEDGER_CHAIN_ID": str(CHAIN_ID),
        },
        log=installation.log("ledger"),
        ready=healthy(installation.rpc_url),
    )


def bank_a(installation: Installation, accredited: Accreditation, *, hub: bool) -> Child:
    """Bank A in Taiwan, an issuer."""
    extra: dict[str, Path | str] = {
        "BANK_FILE": installation.bank_file,
        "OPERATOR_TOKEN": installation.token("bank_a"),
        "OFFICER_TOKENS": installation.officers,
        "REGISTRATION": installation.issuer_registrations / "bank_a.json",
    }
    if hub:
        extra["CONSORTIUM_KEY"] = installation.consortium_key
    return _service("ISSUER", "issuer", installation, installation.bank_a, accredited, hub, extra)


def bank_x(installation: Installation, accredited: Accreditation, *, hub: bool) -> Child:
    """Bank X abroad, a verifier."""
    extra: dict[str, Path | str] = {
        "API_TOKEN": installation.token("bank_x"),
        "OFFICERS": installation.bank_x_officers_file,
        "OFFICER_TOKENS": installation.bank_x_officers,
        "REGISTRATION": installation.registration,
        "ISSUER_REGISTRATIONS": installation.issuer_registrations,
    }
    return _service("VERIFIER", "verifier", installation, installation.bank_x, accredited, hub, extra)


def bank_x_issuer(installation: Installation, accredited: Accreditation) -> Child:
    """Bank X's own issuer, for account ownership alone. Bank X is no member of Taiwan's hub."""
    extra: dict[str, Path | str] = {
        "BANK_FILE": installation.bank_x_file,
        "OPERATOR_TOKEN": installation.token("bank_x_issuer"),
        "OFFICER_TOKENS": installation.bank_x_officers,
        "REGISTRATION": installation.issuer_registrations / "bank_x.json",
        "CONFIGURATIONS": json.dumps(["account-ownership"]),
    }
    return _service("ISSUER", "issuer", installation, installation.bank_x_issuer, accredited, False, extra)


def hub(installation: Installation, accredited: Accreditation) -> Child:
    """The hub. Its graph is large and read at random: on huge pages of memory it answers a third faster."""
    child = _service("HUB", "fraud_check", installation, installation.hub, accredited, False, {})
    return replace(child, environment={**child.environment, **HUGE_PAGES})


def _service(  # noqa: PLR0917 - one private place where a service's environment is put together
    prefix: str,
    module: str,
    installation: Installation,
    party: Party,
    accredited: Accreditation,
    asks_hub: bool,  # noqa: FBT001 - private
    extra: Mapping[str, Path | str],
) -> Child:
    participant = party.name.removesuffix("_issuer")
    values = {
        "PROFILE": "sandbox",
        "HOST": LOOPBACK,
        "PORT": str(party.port),
        "BASE_URL": party.base_url,
        "STATE_DIR": str(installation.state(party.name)),
        "RPC_URL": installation.rpc_url,
        "CHAIN_ID": str(CHAIN_ID),
        "CONTRACTS": contracts_json(accredited.contracts),
        "TRUST_ROOTS": str(installation.trust_roots),
        "SIGNING_KEY": str(installation.signing_key(party.name)),
        "CERTIFICATE": str(installation.certificate(party.name)),
        "ACCOUNT_KEY": str(installation.account_key(participant)),
        "DID": str(accredited.dids[participant]),
        **{name: str(path) for name, path in extra.items()},
    }
    if asks_hub:
        values |= {"HUB_URL": installation.hub.base_url, "HUB_DID": str(accredited.dids["hub"])}
    return Child(
        name=party.name,
        module=module,
        environment={f"{prefix}_{name}": value for name, value in values.items()},
        log=installation.log(party.name),
        ready=healthy(party.base_url),
    )


def contracts_json(contracts: Mapping[str, Address]) -> str:
    """The contracts' addresses as settings take them."""
    return json.dumps({name: str(address) for name, address in contracts.items()})
