"""Questions, verdicts, notices and alerts (design sections 4.2 and 9; domain section 7).

Pydantic models of what is signed. Amounts, names and numbers have no place in any of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from passport.clock import from_epoch
from passport.errors import Reason, Rejected
from passport.fraud.envelope import Envelope, Identifier
from passport.fraud.names import (
    MAX_ACCOUNTS,
    MAX_AGE,
    AlertKind,
    NoticeForm,
    NoticeKind,
    TrackKind,
    VerdictClass,
)
from passport.fraud.token import TokenText
from passport.messages import DidText, Message, NumericDate

Compact = Annotated[
    str, StringConstraints(max_length=65_536, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$")
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:/-]+$")]
Millis = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
"""Milliseconds since the epoch: what follows what may be decided within a second."""
Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Nonce = Annotated[str, StringConstraints(min_length=16, max_length=256, pattern=r"^[!-~]+$")]


class Caller(Envelope):
    """Who makes one HTTP request: bound to its method, its target and its body, so it serves no other."""

    htm: Literal["GET", "POST", "PUT"]
    htu: Annotated[str, StringConstraints(max_length=512)]
    body_sha256: Hash


class PresentationQuestion(Envelope):
    """A verifier's question: the issuer-signed JWT and the KB-JWT of one presentation, and no disclosure.

    The KB-JWT is the holder's consent: its audience is the asker, its nonce the one named here.
    """

    about: Literal["presentation"] = "presentation"
    application: Word
    purpose: Word
    nonce: Nonce
    credential: Compact
    kb_jwt: Compact


class AccountQuestion(Envelope):
    """A member bank's question about accounts and a person of its own, before an offer."""

    about: Literal["accounts"] = "accounts"
    purpose: Word
    nonce: Nonce
    accounts: Annotated[tuple[TokenText, ...], Field(min_length=1, max_length=MAX_ACCOUNTS)]
    person: TokenText


class Evidence(Message):
    """Why, in tokens: for member banks only, which can resolve their own."""

    track: TrackKind | None = None
    account: TokenText | None = None
    notice: Identifier | None = None
    hops: Annotated[int, Field(ge=0, le=16)] | None = None
    warning_account: TokenText | None = None
    path: Annotated[tuple[Identifier, ...], Field(max_length=16)] = ()


class Verdict(Envelope):
    """The hub's answer, bound to the asker, the purpose, the nonce and the very question."""

    exp: NumericDate
    question: Hash
    purpose: Word
    nonce: Nonce
    verdict_class: VerdictClass = Field(validation_alias="class", serialization_alias="class")
    as_of: NumericDate
    rule: Word
    depth: Annotated[int, Field(ge=0, le=16)]
    truncated: bool
    application: Word | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=256)] = ()

    @property
    def expires_at(self) -> datetime:
        """After this the verdict says nothing any more."""
        return from_epoch(self.exp)

    @model_validator(mode="after")
    def _lives_briefly(self) -> Self:
        if not self.iat < self.exp <= self.iat + MAX_AGE.total_seconds():
            raise ValueError("a verdict lives more than nothing and at most five minutes")
        return self

    def require_fresh(self, *, at: datetime) -> None:
        """Refuse a verdict past its life; there is no leeway for ``exp``.

        Raises:
            Rejected: EXPIRED.
        """
        if at >= self.expires_at:
            raise Rejected(Reason.EXPIRED, "expected a verdict that is not yet five minutes old")


class Notice(Envelope):
    """What the police tell the hub; ``jti`` is the notice's id, and sending it again changes nothing.

    ``concerns`` names the notice that an extension or a lift is about. ``until`` is an extension's or an earmark's.
    ``taint_from`` is the earliest defrauded inflow that the notice names.
    """

    kind: NoticeKind
    case: Word
    account: TokenText | None = None
    person: TokenText | None = None
    taint_from: NumericDate | None = None
    effective_ms: Millis
    form: NoticeForm = NoticeForm.DOCUMENT
    concerns: Identifier | None = None
    until: NumericDate | None = None

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        follows = self.kind in {NoticeKind.EXTEND, NoticeKind.LIFT, NoticeKind.DOCUMENT}
        if follows and self.concerns is None:
            raise ValueError("an extension, a lift or a document names the notice it is about")
        about_account = {NoticeKind.WARN, NoticeKind.IMPERSONATED, NoticeKind.EARMARK}
        if self.kind in about_account and self.account is None:
            raise ValueError("this kind of notice names an account")
        if self.kind is NoticeKind.ADMONISH and self.person is None:
            raise ValueError("an admonition names a person")
        if self.kind is NoticeKind.EXTEND and self.until is None:
            raise ValueError("an extension says until when")
        return self


class Alert(Envelope):
    """One entry of a member's stream: numbered without gaps, so that nothing can be missed unnoticed."""

    n: Annotated[int, Field(ge=1)]
    kind: AlertKind
    notice: Identifier
    case: Word
    account: TokenText | None = None
    person: TokenText | None = None
    effective_ms: Millis
    recorded_at_ms: Millis
    notifier: DidText | None = None
    linked_by: DidText | None = None
    """The bank that named the holder, where a person should look at just that."""
