"""The people of the hub's tests: two banks in Taiwan, one abroad, the police, and Lin with an account at A and one at B."""

from __future__ import annotations

from datetime import timedelta

from fraud_check.client import (
    HeldAccount,
    NoticeDraft,
    PresentedProof,
    SignedVerdict,
    account_subject,
    person_subject,
)
from passport.fraud import NoticeKind, Token
from passport.identifiers import Handle
from passport.registry import Role
from tests.simulators.hub_world import NONCE, HubWorld, Presented

LIN_A = account_subject("TW:822:0001:000012345678")
LIN_B = account_subject("TW:812:0099:000088887777")
LIN = person_subject("TW", "A123456789")
HANDLE = "lin-copy-1-handle-128bit"
WARNED = "notice-0000000000000001"


class Cast:
    """Everybody, with a client each."""

    def __init__(self, world: HubWorld) -> None:
        self.world = world
        self.a, self.b = world.participant(Role.MEMBER), world.participant(Role.MEMBER)
        self.x, self.p = world.participant(Role.VERIFIER), world.participant(Role.POLICE)
        self.bank_a, self.bank_b = world.member(self.a), world.member(self.b)
        self.bank_x, self.police = world.verifier(self.x), world.police(self.p)
        tokens = self.bank_a.tokens([LIN_A, LIN_B, LIN])
        self.lin_a, self.lin_b, self.lin = tokens[LIN_A], tokens[LIN_B], tokens[LIN]

    def offer(self) -> None:
        """Bank A links Lin's account and registers a handle for it."""
        held = HeldAccount(self.lin_a, self.lin)
        self.bank_a.link_accounts([held])
        self.bank_a.register_handles(
            registration="offer-0000000000000001",
            handles=[Handle(HANDLE)],
            accounts=[held],
            expires_at=self.world.clock.now() + timedelta(days=90),
        )

    def warn(self, id_: str = WARNED, account: Token | None = None) -> None:
        """The police list an account of Lin's."""
        self.police.notify(
            NoticeDraft(
                id=id_,
                kind=NoticeKind.WARN,
                case="165-2026-7",
                effective=self.world.clock.now(),
                account=account or self.lin_a,
                person=self.lin,
            )
        )

    def lift(self, concerns: str = WARNED) -> None:
        """The police release it."""
        self.police.notify(
            NoticeDraft(
                id=f"lift-of-{concerns}",
                kind=NoticeKind.LIFT,
                case="165-2026-7",
                effective=self.world.clock.now(),
                concerns=concerns,
            )
        )

    def question(self, presented: Presented | None = None) -> str:
        """Bank X's question about Lin's proof."""
        shown = presented or self.world.presented(self.a, self.x, HANDLE)
        proof = PresentedProof("application-1", "account-opening", NONCE, shown.credential, shown.kb_jwt)
        return self.bank_x.question(proof)

    def ask(self) -> SignedVerdict:
        """Bank X asks about a fresh presentation."""
        return self.bank_x.ask(self.question())
