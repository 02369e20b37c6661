"""Signed questions to the hub, each kept before it is sent."""

from __future__ import annotations

from sqlmodel import Session

from service.database import Database
from verifier.storage.tables import FraudQuestionRow


class SqlQuestions:
    """``Questions`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, application_id: str, query_id: str, question: str) -> str:
        """Keep the question, durably, and return it; if there is one already, return that."""

        def work(session: Session) -> str:
            row = session.get(FraudQuestionRow, (application_id, query_id))
            if row is None:
                row = FraudQuestionRow(application_id=application_id, query_id=query_id, question=question)
                session.add(row)
            return row.question

        return self._database.write(work)

    def kept(self, application_id: str, query_id: str) -> str | None:
        """The question that was signed before, if any."""
        with self._database.read() as session:
            row = session.get(FraudQuestionRow, (application_id, query_id))
            return None if row is None else row.question
