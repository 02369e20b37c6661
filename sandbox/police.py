"""The police of the sandbox: the hub's seven kinds of notice, and a word about a holder, through the hub's own client.

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
from passport.fraud import NoticeForm, NoticeKind
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


def _new_case() -> str:
    return f"165-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(3)}"


def _new_id(kind: NoticeKind, case: str) -> str:
    return f"{kind.value}-{case}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that the hub has taken."""

    kind: NoticeKind
    case: str
    notice: str
    effective: datetime

    def to_object(self) -> dict[str, object]:
        """As one JSON object."""
        return {
            "case": self.case,
            "kind": self.kind.value,
            "notice": self.notice,
            "effective": self.effective.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True)
class Police:
    """Says the hub's seven kinds of notice about the world's people; only who listed an account extends or releases it."""

    desks: HubDesks
    world: World

    def warn(self, customer: str, *, elsewhere: bool = False, form: NoticeForm = NoticeForm.DOCUMENT) -> Told:
        """List the person's first account (or, ``elsewhere``, one at another bank).

        Raises:
            Rejected: NOT_FOUND, CONFLICT if this person's account is listed already, or the hub refuses.
            Unavailable: the hub does not answer.
        """
        account, owner = self._account(customer, elsewhere=elsewhere)
        if self._case_file(account).exists():
            raise Rejected(Reason.CONFLICT, f"expected an account of {customer} that is not listed")
        told = self._notify(
            NoticeKind.WARN,
            _new_case(),
            account=account,
            owner=owner,
            form=form,
            taint_from=datetime.now(UTC) - _TAINT,
        )
        self._case_file(account).write_text(json.dumps({"case": told.case, "notice": told.notice}))
        return told

    def lift(self, customer: str, *, elsewhere: bool = False) -> Told:
        """Release the listed account.

        Raises:
            Rejected: NOT_FOUND, nothing of this person's is listed, or the hub refuses.
            Unavailable: the hub does not answer.
        """
        told = self._about_listed(NoticeKind.LIFT, customer, elsewhere=elsewhere)
        self._case_file(self._account(customer, elsewhere=elsewhere)[0]).unlink()
        return told

    def extend(self, customer: str, until: datetime, *, elsewhere: bool = False) -> Told:
        """Extend the listing: once, before it lapses, by at most a year; raises as ``lift``."""
        return self._about_listed(NoticeKind.EXTEND, customer, elsewhere=elsewhere, until=until)

    def document(self, customer: str, *, elsewhere: bool = False) -> Told:
        """The paper that follows a listing by phone or fax; raises as ``lift``."""
        return self._about_listed(NoticeKind.DOCUMENT, customer, elsewhere=elsewhere)

    def impersonated(self, customer: str, *, elsewhere: bool = False) -> Told:
        """The account was opened under this person's name by somebody else: final; raises as ``warn``."""
        account, _ = self._account(customer, elsewhere=elsewhere)
        return self._notify(NoticeKind.IMPERSONATED, _new_case(), account=account)

    def earmark(self, customer: str, *, elsewhere: bool = False) -> Told:
        """Hold what was just reported as defrauded, for 48 hours; raises as ``warn``."""
        account, _ = self._account(customer, elsewhere=elsewhere)
        return self._notify(NoticeKind.EARMARK, _new_case(), account=account)

    def admonish(self, customer: str) -> Told:
        """Admonish the person, at every bank; raises as ``warn``."""
        _, owner = self._account(customer, elsewhere=False)
        return self._notify(NoticeKind.ADMONISH, _new_case(), owner=owner)

    def holder(self, customer: str, *, elsewhere: bool = False, holds: bool = True) -> None:
        """Say whether the person holds the account, whatever banks have said; raises as ``warn``."""
        account, owner = self._account(customer, elsewhere=elsewhere)
        subject, person = account_subject(account.canonical), person_subject(COUNTRY, owner)
        with self.desks.police() as client:
            tokens = client.tokens([subject, person])
            client.confirm_holder(
                account=tokens[subject], person=tokens[person], holds=holds, reference=secrets.token_hex(16)
            )

    def _about_listed(
        self, kind: NoticeKind, customer: str, *, elsewhere: bool, until: datetime | None = None
    ) -> Told:
        account, owner = self._account(customer, elsewhere=elsewhere)
        if not self._case_file(account).exists():
            raise Rejected(Reason.NOT_FOUND, f"expected a listed account of {customer}")
        listed = json.loads(self._case_file(account).read_bytes())
        return self._notify(
            kind,
            str(listed["case"]),
            account=account,
            owner=owner,
            concerns=str(listed["notice"]),
            until=until,
        )

    def _notify(
        self,
        kind: NoticeKind,
        case: str,
        *,
        account: Account | None = None,
        owner: str | None = None,
        form: NoticeForm = NoticeForm.DOCUMENT,
        taint_from: datetime | None = None,
        concerns: str | None = None,
        until: datetime | None = None,
    ) -> Told:
        subject = None if account is None else account_subject(account.canonical)
        person = None if owner is None else person_subject(COUNTRY, owner)
        with self.desks.police() as client:
            tokens = client.tokens([one for one in (subject, person) if one is not None])
            told = Told(kind, case, _new_id(kind, case), datetime.now(UTC))
            client.notify(
                NoticeDraft(
                    id=told.notice,
                    kind=kind,
                    case=case,
                    effective=told.effective,
                    account=None if subject is None else tokens[subject],
                    person=None if person is None else tokens[person],
                    taint_from=taint_from,
                    form=form,
                    concerns=concerns,
                    until=until,
                )
            )
        return told

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
