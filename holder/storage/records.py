"""What a wallet file says, record by record; the state is what follows from reading them in order.

Each record is one fact that happened, with its time. Nothing is overwritten: a later record says more. Leaves out
sealing and order, which are ``sealed_log``'s, and what follows, which is ``wallet_state``'s.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from holder.errors import WalletNewer
from passport import strict_json
from passport.messages import Message
from passport.registry import Words


class Created(Message):
    """The first record: the seed of every holder key."""

    kind: Literal["created"] = "created"
    at: datetime
    seed_b64u: Annotated[str, Field(repr=False)]
    first_key: int
    phrase: Annotated[str | None, Field(repr=False)] = None
    """The recovery phrase, so that it can be shown again until its owner has it on paper; the seed is worth as much."""


class PhraseConfirmed(Message):
    """The owner has shown that the recovery phrase is written down: it is not shown again."""

    kind: Literal["phrase_confirmed"] = "phrase_confirmed"
    at: datetime


class IssuanceStarted(Message):
    """An offer that the person accepted; everything needed to ask for it again after a crash."""

    kind: Literal["issuance_started"] = "issuance_started"
    at: datetime
    issuance: str
    issuer: str
    issuer_did: str
    offer: Annotated[str, Field(repr=False)]
    transaction_code: Annotated[str | None, Field(repr=False)] = None
    slots: tuple[int, ...]


class TokenReceived(Message):
    """The access token, so that a retry needs no second one."""

    kind: Literal["token_received"] = "token_received"
    at: datetime
    issuance: str
    access_token: Annotated[str, Field(repr=False)]
    token_type: str
    identifiers: dict[str, str] = Field(default_factory=dict)
    """Credential identifiers by configuration, where the bank named any."""


class RequestPrepared(Message):
    """A credential request before it was sent: the same bytes again get the same credentials."""

    kind: Literal["request_prepared"] = "request_prepared"
    at: datetime
    issuance: str
    configuration: str
    body: Annotated[str, Field(repr=False)]


class Deferred(Message):
    """The bank promised a credential for later, under this transaction id."""

    kind: Literal["deferred"] = "deferred"
    at: datetime
    issuance: str
    configuration: str
    transaction_id: Annotated[str, Field(repr=False)]


class SavedCopy(Message):
    """One copy of a credential, with the slot whose key it is bound to."""

    slot: int
    text: Annotated[str, Field(repr=False)]


class CredentialSaved(Message):
    """All copies of one credential, verified."""

    kind: Literal["credential_saved"] = "credential_saved"
    at: datetime
    issuance: str
    credential: str
    configuration: str
    format: str
    type: str
    copies: tuple[SavedCopy, ...]
    notification: str | None = None
    issuer_name: Words | None = None
    """The bank's legal name, as its registration on the ledger had it; earlier versions did not write it down."""


class IssuanceEnded(Message):
    """Nothing more will be asked for under this offer."""

    kind: Literal["issuance_ended"] = "issuance_ended"
    at: datetime
    issuance: str
    outcome: Literal["finished", "refused"]
    message: str = ""


class PresentationPrepared(Message):
    """A consented presentation before it was sent, with the receipt; its slot now belongs to this verifier."""

    kind: Literal["presentation_prepared"] = "presentation_prepared"
    at: datetime
    presentation: str
    request_hash: str
    verifier_did: str
    verifier_name: str
    response_uri: str
    slot: int
    body: Annotated[str, Field(repr=False)]
    receipt: Annotated[str, Field(repr=False)]
    shown: tuple[str, ...]
    reused: bool = False
    credentials: tuple[str, ...] | None = None
    """References of the credentials that were shown; earlier versions did not write them down."""


class PresentationSettled(Message):
    """What became of it."""

    kind: Literal["presentation_settled"] = "presentation_settled"
    at: datetime
    presentation: str
    outcome: Literal["delivered", "refused"]
    redirect_uri: str | None = None


class RequestDeclined(Message):
    """A verifier was told *no*, because the owner agreed to tell; nothing was shown."""

    kind: Literal["request_declined"] = "request_declined"
    at: datetime
    request_hash: str
    verifier_did: str
    verifier_name: Words
    purpose: Words
    outcome: Literal["delivered", "unknown", "refused"]


class DirectorySeen(Message):
    """What the ledger said of banks and verifiers, for the time when it cannot be reached."""

    kind: Literal["directory_seen"] = "directory_seen"
    at: datetime
    directory: str


Record: TypeAlias = (
    Created
    | PhraseConfirmed
    | IssuanceStarted
    | TokenReceived
    | RequestPrepared
    | Deferred
    | CredentialSaved
    | IssuanceEnded
    | PresentationPrepared
    | PresentationSettled
    | RequestDeclined
    | DirectorySeen
)
_ADAPTER: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])


def encode(record: Record) -> bytes:
    """The record's bytes."""
    return strict_json.dumps(record.to_object())


def decode(content: bytes) -> Record:
    """The record in its bytes.

    Raises:
        WalletNewer: written by a newer version of the wallet (the bytes themselves are authentic).
    """
    try:
        return _ADAPTER.validate_json(content)
    except ValidationError as error:
        raise WalletNewer from error
