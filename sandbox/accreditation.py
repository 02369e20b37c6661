"""The registrar's day: contracts deployed, a root certificate, and every participant known to the ledger.

Step 1 of the journey. Grants come with a registration whose SHA-256 is the evidence hash; signing keys are written
by the participants themselves, since only an identity's owner may. Leaves out anything a service does later.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from ledger import AccountKey, Ledger, LedgerSettings, LedgerWriter, deploy, open_ledger
from passport import strict_json
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Address, DidEthr, Vct
from passport.jose import PrivateKeySigner
from passport.registry import Role, evidence_hash, schema_id
from passport.strict_json import JsonObject
from passport.x509 import CertificateAuthority, certificates_to_pem, make_leaf, make_root, root_hash
from sandbox.installation import CHAIN_ID, Installation
from sandbox.keys import new_bearer_token, new_signing_key, write_secret
from sandbox.registrations import issuer_registration, verifier_registration
from service.system import SystemEntropy

YEARS_OF_GRANT = timedelta(days=1096)
_KEY_LIFETIME = timedelta(days=365)
_ATTRIBUTE_LIFETIME = timedelta(days=3650)
_BACKDATED = timedelta(minutes=5)
REGISTRAR = "registrar"


@dataclass(frozen=True, slots=True)
class Accredited:
    """A grant as the registrar wrote it."""

    who: DidEthr
    role: Role
    schema: bytes | None
    number: int
    evidence: bytes


@dataclass(frozen=True, slots=True)
class Accreditation:
    """What the registrar leaves behind: where the contracts are, who has which identity, and the grants."""

    contracts: Mapping[str, Address]
    dids: Mapping[str, DidEthr]
    grants: tuple[Accredited, ...]


def accredit(installation: Installation, *, with_hub: bool) -> Accreditation:
    """Deploy the contracts and accredit everybody. The ledger gateway must be up."""
    installation.keys.mkdir(mode=0o700, exist_ok=True)
    entropy = SystemEntropy()
    names = ["bank_a", "bank_x", *(("hub", "police", "bank_b", "bank_c") if with_hub else ())]
    accounts = {name: AccountKey.generate(entropy) for name in (REGISTRAR, *names)}
    for name, account in accounts.items():
        account.to_file(installation.account_key(name))
    contracts = deploy(installation.rpc_url, accounts[REGISTRAR], CHAIN_ID)
    ledger = open_ledger(LedgerSettings(installation.rpc_url, CHAIN_ID, contracts))
    dids = {name: account.did(CHAIN_ID) for name, account in accounts.items()}
    root = _make_root(installation)
    registrar = LedgerWriter(ledger, accounts[REGISTRAR])
    registrar.add_root(root_hash(root.certificate))
    for vct in (PROOF_OF_FUNDS, PASSPORT_IDENTITY, ACCOUNT_OWNERSHIP):
        registrar.register_schema(vct)
    grants = tuple(
        _grant(registrar, dids[name], role, vct, document)
        for name, role, vct, document in _plan(installation, dids, with_hub=with_hub)
    )
    _write_registration(installation, dids)
    for name in ("bank_a", "bank_x"):
        new_bearer_token(installation.token(name))
    new_bearer_token(installation.token("bank_x_issuer"))
    write_secret(installation.consortium_key, SystemEntropy().token(32).hex().encode())
    keys = [*_signing_parties(installation, with_hub=with_hub)]
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        workshop = _Workshop(installation, ledger, root)
        list(pool.map(lambda name: workshop.equip(name, accounts[name], keys), names))
    ledger.close()
    return Accreditation(contracts, dids, grants)


def _make_root(installation: Installation) -> CertificateAuthority:
    root = make_root(
        name="Sandbox Consortium Root",
        signer=PrivateKeySigner(ec.generate_private_key(ec.SECP256R1())),
        not_before=datetime.now(UTC) - _BACKDATED,
        entropy=SystemEntropy(),
    )
    installation.trust_roots.write_bytes(certificates_to_pem([root.certificate]))
    return root


def _plan(
    installation: Installation, dids: Mapping[str, DidEthr], *, with_hub: bool
) -> list[tuple[str, Role, Vct | None, JsonObject]]:
    """Who is accredited as what, and on which document."""
    a, x, issuing = installation.bank_a, installation.bank_x, installation.bank_x_issuer
    issuer_a = issuer_registration(a.institution, str(dids["bank_a"]), a.base_url).to_object()
    issuer_x = issuer_registration(issuing.institution, str(dids["bank_x"]), issuing.base_url).to_object()
    hub = str(dids["hub"]) if with_hub else None
    verifier_x = verifier_registration(x.institution, str(dids["bank_x"]), hub).to_object()
    plan: list[tuple[str, Role, Vct | None, JsonObject]] = [
        ("bank_a", Role.ISSUER, PROOF_OF_FUNDS, issuer_a),
        ("bank_a", Role.ISSUER, PASSPORT_IDENTITY, issuer_a),
        ("bank_x", Role.ISSUER, ACCOUNT_OWNERSHIP, issuer_x),
        ("bank_x", Role.VERIFIER, None, verifier_x),
    ]
    if with_hub:
        plan.append(("hub", Role.HUB, None, {"did": str(dids["hub"]), "base_url": installation.hub.base_url}))
        plan.append(("police", Role.POLICE, None, {"did": str(dids["police"]), "name": "Sandbox 165"}))
        plan += [
            (bank.key, Role.MEMBER, None, {"did": str(dids[bank.key]), "bank_code": bank.bank_code})
            for bank in installation.members
        ]
    return plan


def _grant(
    registrar: LedgerWriter, who: DidEthr, role: Role, vct: Vct | None, document: JsonObject
) -> Accredited:
    evidence = evidence_hash(document)
    schema = None if vct is None else schema_id(vct)
    number = registrar.grant(
        who.address,
        role,
        valid_until=datetime.now(UTC) + YEARS_OF_GRANT,
        evidence_hash=evidence,
        schema=schema,
    )
    return Accredited(who, role, schema, number, evidence)


def _write_registration(installation: Installation, dids: Mapping[str, DidEthr]) -> None:
    hub = str(dids["hub"]) if "hub" in dids else None
    document = verifier_registration(installation.bank_x.institution, str(dids["bank_x"]), hub).to_object()
    installation.registration.write_bytes(strict_json.canonical(document))
    installation.issuer_registrations.mkdir(exist_ok=True)
    for party, name in ((installation.bank_a, "bank_a"), (installation.bank_x_issuer, "bank_x")):
        issuer = issuer_registration(party.institution, str(dids[name]), party.base_url)
        file = installation.issuer_registrations / f"{name}.json"
        file.write_bytes(strict_json.canonical(issuer.to_object()))


@dataclass(frozen=True, slots=True)
class _SigningParty:
    """A signing key to be made: its file's name, its participant, and the URL its certificate speaks for."""

    key: str
    participant: str
    url: str | None
    service: str | None


def _signing_parties(installation: Installation, *, with_hub: bool) -> list[_SigningParty]:
    parties = [
        _SigningParty("bank_a", "bank_a", installation.bank_a.base_url, "did/svc/OpenID4VCI"),
        _SigningParty("bank_x", "bank_x", installation.bank_x.base_url, "did/svc/OpenID4VP"),
        _SigningParty("bank_x_issuer", "bank_x", installation.bank_x_issuer.base_url, "did/svc/OpenID4VCI"),
    ]
    if with_hub:
        parties.append(_SigningParty("hub", "hub", installation.hub.base_url, "did/svc/FraudCheck"))
        parties += [_SigningParty(name, name, None, None) for name in ("police", "bank_b", "bank_c")]
    return parties


@dataclass(frozen=True, slots=True)
class _Workshop:
    """Where participants' signing keys and certificates are made."""

    installation: Installation
    ledger: Ledger
    root: CertificateAuthority

    def equip(self, name: str, account: AccountKey, parties: list[_SigningParty]) -> None:
        """Make a participant's keys and certificates; write keys and base URLs onto the ledger in its own name."""
        writer = LedgerWriter(self.ledger, account)
        did = account.did(CHAIN_ID)
        for party in parties:
            if party.participant != name:
                continue
            jwk = PrivateKeySigner(new_signing_key(self.installation.signing_key(party.key))).public_jwk
            leaf = make_leaf(
                self.root,
                name=party.key,
                jwk=jwk,
                not_before=datetime.now(UTC) - _BACKDATED,
                entropy=SystemEntropy(),
                san_uris=[uri for uri in (party.url, str(did)) if uri],
            )
            self.installation.certificate(party.key).write_bytes(certificates_to_pem([leaf]))
            writer.add_signing_key(jwk.thumbprint(), valid_until=datetime.now(UTC) + _KEY_LIFETIME)
            writer.set_attribute("did/pub/Secp256r1/veriKey/hex", jwk.compressed, _ATTRIBUTE_LIFETIME)
            if party.service and party.url:
                writer.set_attribute(party.service, party.url.encode(), _ATTRIBUTE_LIFETIME)
