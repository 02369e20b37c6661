"""Apply the hub's key to blinded elements: the hub sees whose call it is, and nothing of what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.query_log import QueryLine, subject_of, writes_query
from fraud_check.tokens import EvaluationKey, EvaluationProof
from passport.errors import Malformed
from passport.fraud.requests import Evaluated, Evaluation
from passport.jose import b64u_decode, b64u_encode
from passport.registry import Role


def evaluate_tokens(hub: Hub, caller: KnownCaller, asked: Evaluation) -> Evaluated:
    """The evaluated elements with their proof. Counted before they are made.

    Raises:
        NotYours: neither a member nor the police. Rejected: LIMIT_EXCEEDED; NOT_FOUND, no such epoch.
        Malformed: an element is no group element.
    """
    caller.require(Role.MEMBER, Role.POLICE)
    now = hub.now()
    key = hub.epochs.key(asked.epoch, at=now)
    hub.quotas.spend_evaluations(caller.name, len(asked.elements), at=now)
    line = QueryLine(now, caller.name, "evaluate", "", subject_of(str(len(asked.elements))), "evaluated")
    answer = _evaluated(key, asked.elements)
    hub.database.write(writes_query(line))
    return Evaluated(
        epoch=asked.epoch,
        elements=tuple(b64u_encode(element) for element in answer.evaluated),
        proof=b64u_encode(answer.proof),
    )


def _evaluated(key: EvaluationKey, elements: Sequence[str]) -> EvaluationProof:
    try:
        return key.evaluate([b64u_decode(element) for element in elements])
    except Malformed as error:
        bad = [
            f"elements.{number}" for number, element in enumerate(elements) if not _is_element(key, element)
        ]
        raise Malformed(f"expected canonical group elements; not so: {', '.join(bad)}") from error


def _is_element(key: EvaluationKey, element: str) -> bool:
    try:
        key.evaluate([b64u_decode(element)])
    except Malformed:
        return False
    return True
