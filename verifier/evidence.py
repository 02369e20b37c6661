"""What each step of a check hands to the next; only the step named here makes it.

``AuthenticPresentation`` (step 1) → ``FraudChecked`` (2) → ``Standing`` (3) → ``PolicyApplied`` (4). A later step can
only be called with the earlier one's result, so none can be skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from passport.credential import AnchorTerms, FraudReference, StatusReference
from passport.identifiers import DidEthr, Vct
from passport.registry import AnchorRecord, BlockRef, StatusRecord
from passport.strict_json import JsonObject
from verifier.answers import StepReport
from verifier.application import Application
from verifier.policies.reader import KnownPolicy


@dataclass(frozen=True, slots=True)
class AuthenticCredential:
    """A credential that its issuer signed for the key that signed this presentation.

    ``claims`` holds exactly what was signed and disclosed. ``issuer`` is on the ledger's list; whether it might say so
    then, and may still, is the next steps' question.
    """

    query_id: str
    vct: Vct
    issuer: DidEthr
    issuer_key: bytes
    holder_key: bytes
    credential_hash: bytes
    issuer_jwt: str
    kb_jwt: str
    issued_at: datetime
    expires_at: datetime
    status: StatusReference
    anchor: AnchorTerms
    fraud: FraudReference | None
    claims: JsonObject
    disclosed: JsonObject


@dataclass(frozen=True, slots=True)
class AuthenticPresentation:
    """Step 1: the answer to this request, by the holder of every credential in it."""

    application: Application
    policy: KnownPolicy
    presented_at: datetime
    response_sha256: bytes
    credentials: tuple[AuthenticCredential, ...]
    missing: frozenset[tuple[str, tuple[str, ...]]]
    """Claims that were asked for and not shown, by query and path: why that matters is policy's to say."""
    anchor_proofs: tuple[JsonObject, ...]
    report: StepReport


@dataclass(frozen=True, slots=True)
class FraudChecked:
    """Step 2: the hub did not say *block*."""

    presentation: AuthenticPresentation
    report: StepReport


@dataclass(frozen=True, slots=True)
class CredentialStanding:
    """What the ledger and the status list say about one credential."""

    credential: AuthenticCredential
    anchored: AnchorRecord | None
    status: StatusRecord | None
    status_age_seconds: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Step 3: nothing on the ledger speaks against any of the credentials."""

    fraud_checked: FraudChecked
    ledger: BlockRef | None
    credentials: tuple[CredentialStanding, ...]
    report: StepReport


@dataclass(frozen=True, slots=True)
class PolicyApplied:
    """Step 4: what was shown is enough for the policy."""

    standing: Standing
    report: StepReport

    @property
    def reports(self) -> tuple[StepReport, ...]:
        """The four steps in their order."""
        checked = self.standing.fraud_checked
        return (checked.presentation.report, checked.report, self.standing.report, self.report)
