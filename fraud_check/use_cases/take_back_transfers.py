"""Let a bank take back transfers that it reported wrongly (threat T36): by a correction beside them, never by deletion.

What was sent stays, with its signature, and so does the correction. From then on the transfers carry nothing, and every
answer is as if they had never been sent. A bank could shield a customer so: that is why a person at the hub should look,
and why the correction stands in the query log.
"""

from __future__ import annotations

from typing import Final

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.corrections import Correction, correction_content, writes_correction
from fraud_check.storage.query_log import QueryLine, subject_of, writes_query
from fraud_check.storage.writes import together
from fraud_check.use_cases.content import content_hash
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import TransferCorrection
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from service import faults

TAKE_BACK: Final = "take_back"


def take_back_transfers(hub: Hub, caller: KnownCaller, asked: TransferCorrection) -> Acknowledged:
    """Make the correction durable, then build the graph anew without them; questions go on with the old one meanwhile.

    Raises:
        NotYours: not a member. Malformed: an id comes twice. Rejected: NOT_FOUND, not this bank's transfers; CONFLICT,
            the correction's id was used otherwise or one was taken back before; LIMIT_EXCEEDED.
    """
    caller.require(Role.MEMBER)
    if len(set(asked.transfers)) != len(asked.transfers):
        raise Malformed("expected each transfer's id once in a correction")
    content = content_hash(asked)
    with hub.ingest:
        known = correction_content(hub.database, caller.name, asked.correction)
        if known not in {None, content}:
            raise Rejected(Reason.CONFLICT, "expected the same correction under its id")
        if known is None:
            now = hub.now()
            hub.quotas.spend_correction(caller.name, at=now)
            correction = Correction(
                caller.name, asked.correction, content, caller.token, asked.transfers, now
            )
            subject = subject_of(*asked.transfers)
            line = QueryLine(now, caller.name, TAKE_BACK, caller.name, subject, str(len(asked.transfers)))
            hub.database.write(together(writes_correction(correction), writes_query(line)))
            faults.hit("correction.after_commit")
            hub.graph_is_behind = True
            hub.quotas.alarm(caller.name, "transfers_taken_back", at=now)
        hub.catch_up()
    return Acknowledged(id=asked.correction, again=known is not None)
