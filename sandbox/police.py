"""The police of the sandbox: they list an account, and they release it again, through the hub's own client.

A notice is remembered beside the world's keys, because only who listed an account may release it, by naming that notice.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fraud_check.client import NoticeDraft, account_subject, person_subject
from passport.errors import Misconfigured, Reason, Rejected
from passport.fraud import NoticeKind
from sandbox.clean_room import COUNTRY, HubDesks
from sandbox.kept import find_kept
from sandbox.world import Account, World, world_of_today

_TAINT = timedelta(days=1)


def open_police(root: Path) -> Police:
    """The police of the world that is up under ``root``.

    Raises:
        Misconfigured: no world was made there.
    """
    kept = find_kept(root)
    if kept is None:
        raise Misconfigured(f"expected a world in {root}: start one with `make up`")
    return Police(HubDesks(kept[0], kept[1]), world_of_today())


def _new_id(kind: NoticeKind, case: str) -> str:
    return f"{kind.value}-{case}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class _Notice:
    """What is to be said: a new listing, or the release from the one whose notice it names."""

    id: str
    kind: NoticeKind
    case: str
    concerns: str | None = None


@dataclass(frozen=True, slots=True)
class Police:
    """Lists and releases accounts of the world's people."""

    desks: HubDesks
    world: World

    def warn(self, customer: str, *, elsewhere: bool = False) -> str:
        """List the person's first account (or, ``elsewhere``, one at another bank); returns the case.

        Raises:
            Rejected: NOT_FOUND, CONFLICT if this person's account is listed already, or the hub refuses.
            Unavailable: the hub does not answer.
        """
        account, owner = self._account(customer, elsewhere=elsewhere)
        if self._case_file(account).exists():
            raise Rejected(Reason.CONFLICT, f"expected an account of {customer} that is not listed")
        case = f"165-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(3)}"
        notice = _new_id(NoticeKind.WARN, case)
        self._notify(_Notice(notice, NoticeKind.WARN, case), account, owner)
        self._case_file(account).write_text(json.dumps({"case": case, "notice": notice}))
        return case

    def lift(self, customer: str, *, elsewhere: bool = False) -> str:
        """Release it; returns the case.

        Raises:
            Rejected: NOT_FOUND, nothing of this person's is listed, or the hub refuses.
            Unavailable: the hub does not answer.
        """
        account, owner = self._account(customer, elsewhere=elsewhere)
        if not self._case_file(account).exists():
            raise Rejected(Reason.NOT_FOUND, f"expected a listed account of {customer}")
        listed = json.loads(self._case_file(account).read_bytes())
        case, listing = str(listed["case"]), str(listed["notice"])
        self._notify(_Notice(_new_id(NoticeKind.LIFT, case), NoticeKind.LIFT, case, listing), account, owner)
        self._case_file(account).unlink()
        return case

    def _notify(self, notice: _Notice, account: Account, owner: str) -> None:
        subject, person = account_subject(account.canonical), person_subject(COUNTRY, owner)
        with self.desks.police() as client:
            tokens = client.tokens([subject, person])
            now = datetime.now(UTC)
            client.notify(
                NoticeDraft(
                    id=notice.id,
                    kind=notice.kind,
                    case=notice.case,
                    effective=now,
                    account=tokens[subject],
                    person=tokens[person],
                    taint_from=now - _TAINT if notice.kind is NoticeKind.WARN else None,
                    concerns=notice.concerns,
                )
            )

    def _account(self, customer: str, *, elsewhere: bool) -> tuple[Account, str]:
        try:
            person = self.world.customer(customer)
        except KeyError:
            raise Rejected(
                Reason.NOT_FOUND, f"expected a customer of the sandbox, got {customer!r}"
            ) from None
        own = {account.index for account in person.accounts}
        accounts = [
            account
            for account, owner in zip(self.world.accounts, self.world.owners, strict=True)
            if owner == person.national_id and (account.index in own) != elsewhere
        ]
        if not accounts:
            raise Rejected(Reason.NOT_FOUND, f"expected {customer} to have an account at another bank")
        return accounts[0], person.national_id

    def _case_file(self, account: Account) -> Path:
        place = self.desks.installation.state("police")
        place.mkdir(mode=0o700, exist_ok=True)
        return place / f"{account.index}.case.json"
