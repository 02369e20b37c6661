"""Applications and the compare-and-set steps of their transactions.

``receive`` and ``settle`` change a row only from the phase they expect, in one transaction with everything that
belongs to the step, so that neither a second POST nor a second worker can do a step twice (threat T12, fault F07).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlmodel import Session, col, select

from passport import strict_json
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Rejected
from passport.openid4vp import ResponseMode
from passport.strict_json import JsonObject, as_array, as_object
from service.database import Database
from verifier.answers import Outcome
from verifier.application import (
    Application,
    DecisionEvent,
    FollowedCredential,
    Phase,
    ReceivedResponse,
    SettledView,
    Settlement,
)
from verifier.review import REVIEW_LIFETIME
from verifier.storage.tables import (
    AcceptedCredentialRow,
    ApplicationRow,
    DisclosureRow,
    FraudQuestionRow,
    WebhookEventRow,
)

DISCLOSED_LIFETIME = timedelta(hours=1)


class SqlApplications:
    """``ApplicationStore``, ``Transactions`` and ``Decisions`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, application: Application) -> None:
        """Keep a new application."""
        row = _to_row(application)
        self._database.write(lambda session: session.add(row.model_copy()))

    def by_id(self, application_id: str) -> Application:
        """Found by the bank's name for it."""
        return self._find(ApplicationRow.id, application_id, Reason.NOT_FOUND)

    def by_request(self, request_id: str) -> Application:
        """Found by the wallet's name for it."""
        return self._find(ApplicationRow.request_id, request_id, Reason.TRANSACTION_UNKNOWN)

    def by_result(self, result_id: str) -> Application:
        """Found by the officer's name for it."""
        return self._find(ApplicationRow.result_id, result_id, Reason.NOT_FOUND)

    def receive(self, application_id: str, response: ReceivedResponse) -> bool:
        """``open`` → ``received``; false when somebody else was first."""

        def work(session: Session) -> bool:
            return _changed(
                session,
                application_id,
                (Phase.OPEN,),
                phase=Phase.RECEIVED.value,
                received_at=to_epoch(response.at),
                body_sha256=response.body_sha256.hex(),
                content=response.content,
            )

        return self._database.write(work)

    def settle(
        self,
        application_id: str,
        settlement: Settlement,
        *,
        disclosed: JsonObject | None,
        followed: Sequence[FollowedCredential],
        event: DecisionEvent,
    ) -> bool:
        """→ ``settled``; what was presented and the key that opened it are dropped in the same transaction."""
        steps = json.dumps([report.to_json() for report in settlement.reports])
        event_body = strict_json.dumps(event.body).decode()

        def work(session: Session) -> bool:
            if not _changed(
                session,
                application_id,
                (Phase.OPEN, Phase.RECEIVED),
                phase=Phase.SETTLED.value,
                content=None,
                response_key=None,
                applicant_name=None,
                outcome=settlement.outcome.value,
                steps=steps,
                decision_record=settlement.record,
                decided_at=to_epoch(settlement.at),
            ):
                return False
            # The hub is not asked again; its verdict is in the record.
            session.connection().execute(
                delete(FraudQuestionRow).where(col(FraudQuestionRow.application_id) == application_id)
            )
            if disclosed is not None:
                session.add(
                    DisclosureRow(
                        application_id=application_id,
                        body=strict_json.dumps(disclosed).decode(),
                        expires_at=to_epoch(settlement.at + _kept_for(settlement.outcome)),
                    )
                )
            session.add_all(_followed_row(application_id, each) for each in followed)
            session.add(WebhookEventRow(event_id=event.id, application_id=application_id, body=event_body))
            return True

        return self._database.write(work)

    def count_attempt(self, application_id: str) -> int:
        """How often a check of this application has been begun, this one included."""

        def work(session: Session) -> int:
            row = session.get_one(ApplicationRow, application_id)
            row.attempts += 1
            session.add(row)
            return row.attempts

        return self._database.write(work)

    def unsettled(self) -> Sequence[str]:
        """Ids of applications that were received and not settled, the oldest first."""
        with self._database.read() as session:
            found = (
                select(ApplicationRow.id)
                .where(ApplicationRow.phase == Phase.RECEIVED.value)
                .order_by(col(ApplicationRow.received_at))
            )
            return session.exec(found).all()

    def take_disclosed(self, application_id: str, *, now: datetime) -> JsonObject | None:
        """The disclosed values, the first time and before their end; then they are gone. A review's are kept for officers."""

        def work(session: Session) -> str | None:
            row = session.get(DisclosureRow, application_id)
            if row is None:
                return None
            body = row.body if to_epoch(now) < row.expires_at else None
            if session.get_one(ApplicationRow, application_id).outcome != Outcome.REVIEW.value:
                session.delete(row)
            return body

        body = self._database.write(work)
        return None if body is None else as_object(strict_json.loads(body))

    def followed(self, application_id: str) -> Sequence[FollowedCredential]:
        """The credentials whose status the application depends on."""
        with self._database.read() as session:
            found = select(AcceptedCredentialRow).where(
                AcceptedCredentialRow.application_id == application_id
            )
            return [
                FollowedCredential(
                    query_id=row.query_id,
                    vct=row.vct,
                    issuer=row.issuer,
                    credential_sha256=bytes.fromhex(row.credential_sha256),
                    status_uri=row.status_uri,
                    status_index=row.status_index,
                )
                for row in session.exec(found).all()
            ]

    def overdue(self, *, now: datetime) -> Sequence[Application]:
        """Open applications whose time is over."""
        with self._database.read() as session:
            found = select(ApplicationRow).where(
                ApplicationRow.phase == Phase.OPEN.value, ApplicationRow.expires_at <= to_epoch(now)
            )
            return [to_application(row) for row in session.exec(found).all()]

    def forget_disclosed(self, *, now: datetime) -> None:
        """Drop disclosed values whose time is over."""

        def work(session: Session) -> None:
            late = select(DisclosureRow).where(DisclosureRow.expires_at <= to_epoch(now))
            for row in session.exec(late).all():
                session.delete(row)

        self._database.write(work)

    def _find(self, column: Any, value: str, missing: Reason) -> Application:
        with self._database.read() as session:
            row = session.exec(select(ApplicationRow).where(col(column) == value)).one_or_none()
            if row is None:
                raise Rejected(missing, "expected an application that exists here")
            return to_application(row)


def _kept_for(outcome: Outcome) -> timedelta:
    return REVIEW_LIFETIME if outcome is Outcome.REVIEW else DISCLOSED_LIFETIME


def _changed(session: Session, application_id: str, expected: Sequence[Phase], **values: object) -> bool:
    """The compare-and-set: change the row only from one of the expected phases."""
    statement = (
        update(ApplicationRow)
        .where(
            col(ApplicationRow.id) == application_id,
            col(ApplicationRow.phase).in_([phase.value for phase in expected]),
        )
        .values(**values)
    )
    result = session.connection().execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - narrows SQLAlchemy's declared type for an UPDATE
    return result.rowcount == 1


def _to_row(application: Application) -> ApplicationRow:
    return ApplicationRow(
        id=application.id,
        reference=application.reference,
        policy=application.policy,
        request_id=application.request_id,
        result_id=application.result_id,
        nonce=application.nonce,
        state=application.state,
        response_mode=application.response_mode.value,
        response_key=application.response_key,
        applicant_name=application.applicant_name,
        amount_usd_minor=application.amount_usd_minor,
        created_at=to_epoch(application.created_at),
        expires_at=to_epoch(application.expires_at),
        phase=application.phase.value,
    )


def to_application(row: ApplicationRow) -> Application:
    """The row as a value."""
    received = None
    if row.received_at is not None and row.body_sha256 is not None:
        received = ReceivedResponse(
            at=from_epoch(row.received_at), body_sha256=bytes.fromhex(row.body_sha256), content=row.content
        )
    settlement = None
    if row.decision_record is not None and row.decided_at is not None:
        steps = as_array(strict_json.loads(row.steps), "the kept steps")
        settlement = SettledView(
            outcome=Outcome(row.outcome),
            steps=tuple(as_object(step) for step in steps),
            record=row.decision_record,
            at=from_epoch(row.decided_at),
        )
    return Application(
        id=row.id,
        reference=row.reference,
        policy=row.policy,
        request_id=row.request_id,
        result_id=row.result_id,
        nonce=row.nonce,
        state=row.state,
        response_mode=ResponseMode(row.response_mode),
        response_key=row.response_key,
        applicant_name=row.applicant_name,
        amount_usd_minor=row.amount_usd_minor,
        created_at=from_epoch(row.created_at),
        expires_at=from_epoch(row.expires_at),
        phase=Phase(row.phase),
        received=received,
        settlement=settlement,
    )


def _followed_row(application_id: str, each: FollowedCredential) -> AcceptedCredentialRow:
    return AcceptedCredentialRow(
        application_id=application_id,
        query_id=each.query_id,
        vct=each.vct,
        issuer=each.issuer,
        credential_sha256=each.credential_sha256.hex(),
        status_uri=each.status_uri,
        status_index=each.status_index,
    )
