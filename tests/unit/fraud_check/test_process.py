"""``python -m fraud_check`` on a real chain: killed at each fault point (F09), drained, and quiet in its logs."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fraud_check.client import HeldAccount, NoticeDraft
from passport.clock import to_epoch
from passport.errors import PassportError
from passport.fraud import (
    AccountLink,
    HandleRegistration,
    NoticeKind,
    Token,
    Transfer,
    TransferBatch,
    VerdictClass,
    seal,
)
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, HANDLES_PATH
from passport.identifiers import Handle
from passport.jose import b64u_encode
from passport.registry import Role
from passport.strict_json import dumps
from tests.simulators.hub_cast import HANDLE, LIN, LIN_A, LIN_B, WARNED
from tests.simulators.hub_process import HubProcess

pytestmark = pytest.mark.journey

KILLED = -signal.SIGKILL


class Town:
    """A bank and the police around a hub process."""

    def __init__(self, hub: HubProcess) -> None:
        self.hub = hub
        self.bank_did = hub.participant("bank-a", Role.MEMBER)
        self.police_did = hub.participant("police", Role.POLICE)
        self.bank, self.police = hub.member(self.bank_did), hub.police(self.police_did)
        hub.start()
        tokens = self.bank.tokens([LIN_A, LIN_B, LIN])
        self.lin_a, self.other, self.lin = tokens[LIN_A], tokens[LIN_B], tokens[LIN]
        self.count = 0

    def batch(self, name: str, count: int) -> TransferBatch:
        now = self.hub.clock.now()
        transfers = tuple(
            Transfer(
                id=f"{name}-transfer-{n:06d}",
                src=self.lin_a,
                dst=self.other,
                at_ms=int((now - timedelta(hours=1)).timestamp() * 1000) + n,
                amount_minor=100 + n,
            )
            for n in range(count)
        )
        return TransferBatch(batch=f"{name}-batch-000001", transfers=transfers)

    def warn(self, account: Token, id_: str = WARNED) -> None:
        effective = self.hub.clock.now()
        self.police.notify(
            NoticeDraft(id_, NoticeKind.WARN, "165", effective, account=account, person=self.lin)
        )

    def verdict(self) -> VerdictClass:
        asked = self.bank.ask_before_offer(accounts=[self.lin_a], person=self.lin)
        return asked.verdict.verdict_class

    def killed(self, act: Callable[[], object], *, then: str = "") -> None:
        """Do ``act``, at which the hub dies where it is armed; it is up again afterwards, armed for what comes next."""
        with pytest.raises(PassportError):
            act()
        assert self.hub.wait_for_death() == KILLED
        self.hub.start(fault_point=then)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    hub = HubProcess(tmp_path_factory.mktemp("hub"))
    yield Town(hub)
    hub.close()


def test_a_hub_survives_a_kill_at_every_point_and_counts_nothing_twice(town: Town) -> None:
    bank, database = town.bank, town.hub.folder / "state" / "hub.sqlite"
    bank.link_accounts([HeldAccount(town.lin_a, town.lin)])

    town.hub.stop()
    town.hub.start(fault_point="transfers.mid_batch:2")

    # Mid-batch: nothing of it is there; sent again it is there once.
    first, second = town.batch("first", 700), town.batch("second", 400)
    town.killed(lambda: bank.send_transfers(first), then="transfers.after_commit:2")
    assert _rows(database) == (0, 0)
    bank.send_transfers(first)

    # Committed and not acknowledged: sent again it counts once.
    town.killed(lambda: bank.send_transfers(second), then="handles.after_commit")
    bank.send_transfers(second)
    bank.send_transfers(first)
    assert _rows(database) == (1_100, 1_100)

    # Handles: committed and not acknowledged; the same registration again is the same.
    def register() -> None:
        bank.register_handles(
            registration="offer-0000000000000001",
            handles=[Handle(HANDLE)],
            accounts=[HeldAccount(town.lin_a, town.lin)],
            expires_at=expires_at,
        )

    expires_at = town.hub.clock.now() + timedelta(days=1)
    town.killed(register, then="question.mid_traversal")
    register()

    # A question: killed before the search and after the record; asked anew it is answered.
    town.killed(town.verdict, then="question.after_commit")
    town.killed(town.verdict, then="notice.before_commit")
    assert town.verdict() is VerdictClass.CLEAR

    # A notice: not committed, it is not in force; committed, it is, and every alert comes exactly once.
    town.killed(lambda: town.warn(town.lin_a), then="notice.after_commit")
    assert town.verdict() is VerdictClass.CLEAR
    assert bank.alerts(after=0).newest == 0
    town.killed(lambda: town.warn(town.lin_a, "notice-0000000000000002"))
    assert town.verdict() is VerdictClass.BLOCK
    assert [one.alert.notice for one in bank.alerts(after=0).alerts] == ["notice-0000000000000002"]


def _rows(database: Path) -> tuple[int, int]:
    """How many transfers there are, and one past the last number: equal, if none is missing or doubled."""
    connection = sqlite3.connect(database)
    try:
        count, last = connection.execute("SELECT count(*), max(seq) FROM hub_transfer").fetchone()
    finally:
        connection.close()
    return int(count), 0 if last is None else int(last) + 1


def test_a_token_stays_spent_when_the_hub_is_killed_before_it_answers(town: Town) -> None:
    """Whatever is durable was done under a token that nobody can use again."""
    held = AccountLink(account=town.lin_a, person=town.lin)
    registration = HandleRegistration(
        registration="offer-0000000000000002",
        handles=("h" * 22,),
        accounts=(held,),
        expires_at=to_epoch(town.hub.clock.now() + timedelta(days=1)),
    )
    body, url = dumps(registration.to_object()), f"{town.hub.base_url}{HANDLES_PATH}"
    town.bank.link_accounts([HeldAccount(town.lin_a, town.lin)])

    def put(jti: str) -> int:
        caller = Caller(
            iss=str(town.bank_did.did),
            aud=str(town.hub.identity.did),
            iat=issued,
            jti=jti,
            htm="PUT",
            htu=url,
            body_sha256=b64u_encode(hashlib.sha256(body).digest()),
        )
        token = seal(caller, typ=CALLER_TYP, signer=town.bank_did.signer)
        headers = {"Authorization": f"Bearer {token}"}
        return town.hub.http.send("PUT", url, body=body, headers=headers).status

    first, issued = "j" * 22, to_epoch(town.hub.clock.now())
    town.hub.stop()
    town.hub.start(fault_point="handles.after_commit")
    town.killed(lambda: put(first))
    assert put(first) == 401
    assert put("k" * 22) == 200


def test_a_notice_blocks_within_a_tenth_of_a_second(town: Town) -> None:
    account = town.bank.tokens([LIN_B])[LIN_B]
    started = town.hub.clock.now()
    town.warn(account, "notice-0000000000000003")
    # The acknowledgement is the promise: what is asked after it is blocked. Two seconds leave room for a busy machine.
    assert town.hub.clock.now() - started < timedelta(seconds=2)
    assert town.verdict() is VerdictClass.BLOCK


def test_logs_hold_no_token_and_no_handle(town: Town) -> None:
    said = town.hub.log()
    assert '"event":"request"' in said
    for secret in (town.lin_a, town.lin, HANDLE, "A123456789", "000012345678"):
        assert secret not in said


def test_it_drains_on_sigterm_and_remembers(town: Town) -> None:
    assert town.hub.stop() in {0, -signal.SIGTERM}
    town.hub.start()
    assert town.verdict() is VerdictClass.BLOCK
