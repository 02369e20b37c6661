"""Bodies of members' requests to the hub; who sends one is said by the ``caller+jwt`` beside it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from passport.fraud.envelope import Envelope, Identifier
from passport.fraud.messages import Compact
from passport.fraud.names import (
    MAX_ACCOUNTS,
    MAX_ALERTS,
    MAX_EVALUATIONS,
    MAX_HANDLES,
    MAX_LINKS,
    MAX_TRANSFERS,
)
from passport.fraud.token import TokenText
from passport.messages import DidText, Message, NumericDate

Element = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
HandleText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,86}$")]
Epoch = Annotated[int, Field(ge=1, le=999_999)]
MAX_AMOUNT_MINOR = 2**53 - 1


class Evaluation(Message):
    """Blinded elements to evaluate under one epoch's key."""

    epoch: Epoch
    elements: Annotated[tuple[Element, ...], Field(min_length=1, max_length=MAX_EVALUATIONS)]


class Evaluated(Message):
    """The evaluated elements, in order, and one proof over all of them."""

    epoch: Epoch
    elements: Annotated[tuple[Element, ...], Field(min_length=1, max_length=MAX_EVALUATIONS)]
    proof: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]


class AccountLink(Message):
    """An account that the sending bank keeps, and the person it belongs to."""

    account: TokenText
    person: TokenText


class AccountLinks(Message):
    """Accounts that the sending bank keeps. A person under a warning elsewhere makes a new one derived at once."""

    links: Annotated[tuple[AccountLink, ...], Field(min_length=1, max_length=MAX_LINKS)]


class HolderWord(Message):
    """Whether the person holds an account that another bank keeps: its customer's own bank says so, or the police."""

    account: TokenText
    person: TokenText
    holds: bool
    reference: Identifier


class HandleRegistration(Message):
    """One offer's handles, all bound to the same accounts; ``registration`` names it, so sending it again is safe."""

    registration: Identifier
    handles: Annotated[tuple[HandleText, ...], Field(min_length=1, max_length=MAX_HANDLES)]
    accounts: Annotated[tuple[AccountLink, ...], Field(min_length=1, max_length=MAX_ACCOUNTS)]
    expires_at: NumericDate

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.handles)) != len(self.handles):
            raise ValueError("each handle comes once")
        return self


class CauseGone(Message):
    """A bank verified that the cause of a person's derived status is gone, for all its accounts of that person."""

    person: TokenText
    reference: Identifier


class Transfer(Message):
    """One transfer out of an account of the sending bank. ``at_ms`` is epoch milliseconds."""

    id: Identifier
    src: TokenText
    dst: TokenText
    at_ms: Annotated[int, Field(ge=0, le=253_402_300_799_999)]
    amount_minor: Annotated[int, Field(ge=0, le=MAX_AMOUNT_MINOR)]
    channel: Annotated[int, Field(ge=0, le=255)] = 0


class TransferBatch(Message):
    """Transfers in one acknowledged piece; ``batch`` names it, so sending it again counts nothing twice."""

    batch: Identifier
    transfers: Annotated[tuple[Transfer, ...], Field(min_length=1, max_length=MAX_TRANSFERS)]


class TransferCorrection(Message):
    """Transfers that the sending bank reported wrongly and takes back; sending it again under its name changes nothing."""

    correction: Identifier
    transfers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=MAX_TRANSFERS)]


Count = Annotated[int, Field(ge=0, le=MAX_TRANSFERS)]


class Acknowledged(Message):
    """It is durable. ``again`` says that it already was.

    Of the sender's own accounts in it, ``accounts`` says how many there were and ``known`` how many the sender had linked
    before: nought of many is a batch under wrong names. Of accounts of others an answer says nothing.
    """

    id: Identifier
    again: bool = False
    accounts: Count | None = None
    known: Count | None = None


class QuestionBody(Message):
    """A signed question."""

    question: Compact


class VerdictBody(Message):
    """A signed verdict."""

    verdict: Compact


class NoticeBody(Message):
    """A signed notice."""

    notice: Compact


class AlertPage(Message):
    """Signed alerts after a number, oldest first, and the newest number there is."""

    alerts: Annotated[tuple[Compact, ...], Field(max_length=MAX_ALERTS)]
    newest: Annotated[int, Field(ge=0)]


class EpochKey(Message):
    """One epoch's public key for tokens. ``until`` is absent while the epoch has no end yet."""

    epoch: Epoch
    public_key: Element
    since: NumericDate
    until: NumericDate | None = None


class HubKeys(Envelope):
    """The hub's signed description of itself; ``aud`` is the hub, since it is for everybody."""

    current_epoch: Epoch
    epochs: Annotated[tuple[EpochKey, ...], Field(min_length=1, max_length=16)]
    rule: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class HubKeysBody(Message):
    """The signed description."""

    keys: Compact


class MemberQuery(Message):
    """Another member's question about accounts of the reader's."""

    caller: DidText
    action: Annotated[str, StringConstraints(max_length=32)]
    answer: Annotated[str, StringConstraints(max_length=32)]
    at: NumericDate


class QueryReport(Message):
    """What was asked about a bank's accounts on one UTC day.

    Members' questions one by one; of verifiers abroad only how many, since the issuing bank must not learn where its
    customer went.
    """

    day: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    members: tuple[MemberQuery, ...]
    verifier_questions: Annotated[int, Field(ge=0)]


class CheckSessionRequest(Message):
    """A member is about to check accounts of its own, many of them."""

    purpose: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:/-]+$")]


class CheckSession(Message):
    """What the member shows with each check: a secret, for at most five minutes."""

    secret: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    expires_at: NumericDate


class Check(Message):
    """One account of the sender's: did money from a warning account reach it, under the default rule, as of now?"""

    account: TokenText


class Checked(Message):
    """The graph's answer, unsigned: for the member's own monitoring. No legal track is in it, and it is no verdict.

    ``hops`` is absent where nothing reached the account; ``path`` names the member's own transfers of one way.
    """

    account: TokenText
    as_of_ms: Annotated[int, Field(ge=0, le=253_402_300_799_999)]
    rule: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    hops: Annotated[int, Field(ge=1, le=16)] | None = None
    warning_account: TokenText | None = None
    tainted_minor: Annotated[int, Field(ge=0)] | None = None
    path: Annotated[tuple[Identifier, ...], Field(max_length=16)] = ()
    truncated: str | None = None


class TraceRequest(Message):
    """Where money of one of the sender's accounts went, or came from; a notice about that account must be in force.

    Forward, ``taint_from`` counts no earlier than the notice's own taint; backward it is the latest time to look at.
    """

    account: TokenText
    taint_from: NumericDate
    max_hops: Annotated[int, Field(ge=1, le=8)] = 3
    min_amount_minor: Annotated[int, Field(ge=0, le=MAX_AMOUNT_MINOR)] = 0
    backward: bool = False


class TracedAccount(Message):
    """An account of the asking bank's that the walk reached."""

    account: TokenText
    hops: Annotated[int, Field(ge=0, le=8)]
    arrival: NumericDate


class TracedLayer(Message):
    """How many accounts of other banks the walk reached with so many hops, rounded down; never which ones."""

    hops: Annotated[int, Field(ge=0, le=8)]
    others_at_least: Annotated[int, Field(ge=0)]


class Trace(Message):
    """The walk's answer; ``truncated`` names the cap that it hit, if any."""

    accounts: tuple[TracedAccount, ...]
    others: tuple[TracedLayer, ...] = ()
    truncated: str | None = None
