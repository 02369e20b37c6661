from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ledger import LedgerWriter, Reverted, open_ledger
from ledger.lens import LensQuestion, look
from passport.errors import Rejected
from passport.identifiers import Address
from passport.jose import PrivateKeySigner
from passport.registry import Role

NOTHING = bytes(32)


def soon(**ahead: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(**ahead)


def test_anchoring_again_answers_the_first_times_record(world: Any) -> None:
    root = os.urandom(32)
    first = world.bank.anchor(world.schema, world.grant_number, root, 64)
    assert world.bank.anchor(world.schema, world.grant_number, root, 64) == first
    assert world.ledger.anchor(world.bank.identity, world.schema, world.grant_number, root) == first
    assert first.block == world.ledger.head()


def test_anchoring_another_size_is_refused(world: Any) -> None:
    root = world.anchor()
    with pytest.raises(Reverted) as refused:
        world.bank.anchor(world.schema, world.grant_number, root, 65)
    assert (refused.value.error, refused.value.arguments) == ("AlreadyAnchored", (root, 64))
    assert refused.value.reason == "ledger_refused"


def test_bank_without_a_grant_anchors_nothing(world: Any) -> None:
    stranger = world.account()
    with pytest.raises(Reverted) as refused:
        stranger.anchor(world.schema, world.grant_number, os.urandom(32), 64)
    assert refused.value.error == "GrantDoesNotHold"


def test_publishing_again_answers_the_first_times_record_and_other_content_is_refused(world: Any) -> None:
    list_id, commitment = os.urandom(32), os.urandom(32)
    first = world.bank.publish_status(list_id, commitment, 1, soon(days=2))
    assert world.bank.publish_status(list_id, commitment, 1, soon(days=2)) == first
    assert world.ledger.status_record(world.bank.identity, list_id) == first
    with pytest.raises(Reverted) as refused:
        world.bank.publish_status(list_id, os.urandom(32), 1, soon(days=2))
    assert (refused.value.error, refused.value.arguments) == ("VersionNotNext", (2, 1))


def test_operator_anchors_publishes_and_adds_keys_until_it_is_revoked(world: Any) -> None:
    operator = LedgerWriter(world.ledger, world.account().account, world.bank.identity)
    with pytest.raises(Reverted) as refused:
        operator.anchor(world.schema, world.grant_number, os.urandom(32), 64)
    assert refused.value.error == "NotOperator"
    world.bank.add_delegate(operator.account.address, timedelta(days=1))
    assert world.ledger.operators(world.bank.identity) == {operator.account.address}
    operator.anchor(world.schema, world.grant_number, os.urandom(32), 64)
    operator.publish_status(os.urandom(32), os.urandom(32), 1, soon(days=1))
    operator.add_signing_key(os.urandom(32), soon(days=90))
    with pytest.raises(Reverted) as refused:
        operator.report_stolen(os.urandom(32), soon())
    assert refused.value.error == "NotOwnerOrAdmin"
    world.bank.revoke_delegate(operator.account.address)
    assert world.ledger.operators(world.bank.identity) == frozenset()
    with pytest.raises(Reverted):
        operator.anchor(world.schema, world.grant_number, os.urandom(32), 64)


def test_only_the_registrar_accredits(world: Any) -> None:
    with pytest.raises(Reverted) as refused:
        world.bank.grant(world.bank.identity, Role.POLICE, valid_until=soon(days=1), evidence_hash=b"e" * 32)
    assert refused.value.error == "NotAdmin"


def test_every_role_is_the_contracts_own(world: Any) -> None:
    for role in Role:
        schema = world.schema if role is Role.ISSUER else None
        who = world.account().identity
        number = world.registrar.grant(
            who, role, valid_until=soon(days=1), evidence_hash=b"e" * 32, schema=schema
        )
        assert [grant.number for grant in world.ledger.grants(who, role)] == [number]
        assert who in world.ledger.participants(role)


def test_services_and_attributes_are_the_identitys_own(world: Any) -> None:
    world.bank.set_attribute("did/svc/OpenID4VCI", b"http://127.0.0.1:1", timedelta(days=1))
    world.bank.set_attribute("did/pub/Secp256r1/veriKey/hex", b"\x02" + b"k" * 32, timedelta(days=1))
    assert world.ledger.service_endpoint(world.bank.identity, "OpenID4VCI") == "http://127.0.0.1:1"
    world.bank.revoke_attribute("did/svc/OpenID4VCI", b"http://127.0.0.1:1")
    assert world.ledger.service_endpoint(world.bank.identity, "OpenID4VCI") is None
    with pytest.raises(ValueError, match="1 to 32 bytes"):
        world.bank.set_attribute("did/svc/" + "x" * 25, b"", timedelta(days=1))


def test_did_document_is_what_the_identity_said_of_itself(world: Any) -> None:
    key = PrivateKeySigner(ec.generate_private_key(ec.SECP256R1())).public_jwk
    operator = world.account().identity
    world.bank.set_attribute("did/pub/Secp256r1/veriKey/hex", key.compressed, timedelta(days=1))
    world.bank.set_attribute("did/svc/OpenID4VCI", b"http://127.0.0.1:1", timedelta(days=1))
    world.bank.add_delegate(operator, timedelta(days=1), kind="veriKey")
    did = world.bank.account.did(31337)
    document = world.ledger.did_document(did)
    assert document["id"] == str(did)
    methods = document["verificationMethod"]
    assert [method["id"].partition("#")[2] for method in methods] == [
        "controller",
        "delegate-1",
        "delegate-2",
    ]
    assert methods[1]["publicKeyJwk"] == key.to_json()
    assert methods[2]["blockchainAccountId"] == f"eip155:31337:{operator}"
    assert document["service"] == [
        {"id": f"{did}#service-1", "type": "OpenID4VCI", "serviceEndpoint": "http://127.0.0.1:1"}
    ]
    with pytest.raises(Rejected) as refused:
        world.ledger.did_document(world.bank.account.did(1))
    assert refused.value.reason == "wrong_chain"


def test_one_account_in_many_threads_and_two_writers_loses_nothing(world: Any) -> None:
    second = LedgerWriter(open_ledger(world.settings), world.bank.account)
    roots = [os.urandom(32) for _ in range(24)]

    def anchor(place: int) -> None:
        writer = second if place % 2 else world.bank
        writer.anchor(world.schema, world.grant_number, roots[place], 64)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(anchor, range(len(roots))))
    assert {record.root for record in world.ledger.anchors_since(0)} >= set(roots)


class RandomParticipants:
    """A registrar and three banks who do this and that, allowed or not."""

    def __init__(self, world: Any, seed: str) -> None:
        self.world = world
        self.chosen = random.Random(seed)  # noqa: S311
        self.banks = [world.bank, *(world.account() for _ in range(2))]
        self.grants: list[tuple[int, LedgerWriter]] = [(world.grant_number, world.bank)]
        self.keys: list[tuple[LedgerWriter, bytes]] = []
        self.lists: list[tuple[LedgerWriter, bytes]] = []
        self.roots: list[tuple[LedgerWriter, int, bytes]] = []
        self.certificates: list[bytes] = []

    def act(self) -> bool:
        """Do something; returns whether it was allowed."""
        try:
            self.chosen.choice(
                [
                    *(
                        self.accredit,
                        self.suspend,
                        self.reinstate,
                        self.withdraw,
                        self.add_key,
                        self.steal_key,
                    ),
                    *(self.anchor, self.publish, self.publish_again, self.add_root, self.remove_root),
                ]
            )()
        except Reverted:
            return False
        return True

    def accredit(self) -> None:
        bank = self.chosen.choice(self.banks)
        start = self.chosen.choice([None, soon(seconds=self.chosen.randrange(60, 600))])
        number = self.world.registrar.grant(
            *(bank.identity, Role.ISSUER),
            valid_until=soon(days=2),
            evidence_hash=os.urandom(32),
            schema=self.world.schema,
            valid_from=start,
        )
        self.grants.append((number, bank))

    def suspend(self) -> None:
        self.world.registrar.suspend(self.chosen.choice(self.grants)[0])

    def reinstate(self) -> None:
        self.world.registrar.reinstate(self.chosen.choice(self.grants)[0])

    def withdraw(self) -> None:
        self.world.registrar.withdraw(
            self.chosen.choice(self.grants)[0], soon(days=self.chosen.randrange(-3, 2))
        )

    def add_key(self) -> None:
        self.keys.append((self.chosen.choice(self.banks), os.urandom(32)))
        self.keys[-1][0].add_signing_key(self.keys[-1][1], soon(days=90))

    def steal_key(self) -> None:
        if self.keys:
            owner, key = self.chosen.choice(self.keys)
            owner.report_stolen(key, soon(days=-self.chosen.randrange(5), seconds=-2))

    def anchor(self) -> None:
        number, bank = self.chosen.choice(self.grants)
        self.roots.append((bank, number, os.urandom(32)))
        bank.anchor(self.world.schema, number, self.roots[-1][2], self.chosen.randrange(1, 1000))

    def publish(self) -> None:
        self.lists.append((self.chosen.choice(self.banks), os.urandom(32)))
        self.lists[-1][0].publish_status(self.lists[-1][1], os.urandom(32), 1, soon(days=2))

    def publish_again(self) -> None:
        if self.lists:
            owner, list_id = self.chosen.choice(self.lists)
            owner.publish_status(list_id, os.urandom(32), self.chosen.choice([2, 3]), soon(days=2))

    def add_root(self) -> None:
        self.certificates.append(os.urandom(32))
        self.world.registrar.add_root(self.certificates[-1])

    def remove_root(self) -> None:
        if self.certificates:
            self.world.registrar.remove_root(self.chosen.choice(self.certificates))

    def ask(self, **parts: Any) -> Any:
        names = ("issuer", "schema", "grant_number", "thumbprint", "root", "list_id", "trust_root")
        empty = (Address("0x" + "00" * 20), NOTHING, 0, NOTHING, NOTHING, NOTHING, NOTHING)
        question = LensQuestion(**{**dict(zip(names, empty, strict=True)), **parts})
        return look(self.world.ledger.rpc, self.world.settings, question)


def test_events_rebuild_what_the_contracts_hold(world: Any) -> None:
    long = os.environ.get("PASSPORT_TEST_COUNTS") == "long"
    people = RandomParticipants(world, os.environ.get("PASSPORT_TEST_SEED", "1"))
    outcomes = [people.act() for _ in range(600 if long else 100)]
    assert {True, False} == set(outcomes)

    ledger = world.ledger
    for number, _ in people.grants:
        assert people.ask(grant_number=number).grant == ledger.grant(number)
    for bank, key in people.keys:
        told = people.ask(issuer=bank.identity, thumbprint=key).key
        assert told == ledger.signing_key(bank.identity, key)
    for bank, number, root in people.roots:
        told = people.ask(issuer=bank.identity, schema=world.schema, grant_number=number, root=root).anchor
        known = ledger.anchor(bank.identity, world.schema, number, root)
        assert (told is None) == (known is None)
        if known is not None:
            assert (told.size, told.time, told.block_number) == (
                known.size,
                known.block.time,
                known.block.number,
            )
    for bank, list_id in people.lists:
        told = people.ask(issuer=bank.identity, list_id=list_id).status
        known = ledger.status_record(bank.identity, list_id)
        assert (told.version, told.commitment) == (known.version, known.commitment)
        assert (told.fresh_until, told.time) == (known.fresh_until, known.block.time)
    for certificate in people.certificates:
        assert people.ask(trust_root=certificate).root_trusted == (certificate in ledger.trusted_roots())


def test_lens_answers_at_one_block_and_nothing_about_nothing(world: Any) -> None:
    answer = RandomParticipants(world, "").ask()
    assert (answer.grant, answer.key, answer.anchor, answer.status) == (None, None, None, None)
    assert answer.block_number == world.ledger.head().number
    assert answer.time >= world.ledger.head().time
