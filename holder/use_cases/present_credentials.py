"""Present what a person has consented to, to the one who asked, once (OpenID4VP 1.0 section 8; RFC 9901 section 7.2).

The answer and the signed receipt are saved before anything leaves. If it is not known whether the answer arrived, the
same bytes may be sent again: a verifier that has them says ``already_received``, which means delivered (F37, F07).
A person may take long to decide, and an answer may wait to be sent again: the ledger is asked anew before each sending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from holder.consent import ConsentView
from holder.credentials import Outcome, Presentation
from holder.ports import Clock, Entropy, Pause, Web
from holder.receipts import write_receipt
from holder.remote.verifier_client import Delivered, post_response
from holder.storage.records import PresentationPrepared, PresentationSettled
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.use_cases.persist import persist
from holder.use_cases.review_request import require_unexpired, require_vouched_for
from outbound import AnswerLost
from passport.clock import to_epoch
from passport.errors import Reason, Rejected, Unavailable
from passport.identifiers import DidEthr
from passport.jose import b64u_encode
from passport.openid4vp import (
    AuthorizationResponse,
    EncryptedResponse,
    ResponseMode,
    write_response,
)
from passport.sd_jwt import present

_REFERENCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivered presentation."""

    presentation: Presentation
    redirect_uri: str | None


class PresentCredentials:
    """The use case, with what it needs."""

    def __init__(
        self, *, gate: TrustGate, store: WalletStore, web: Web, clock: Clock, entropy: Entropy, pause: Pause
    ) -> None:
        self._gate = gate
        self._store = store
        self._web = web
        self._clock = clock
        self._entropy = entropy
        self._pause = pause

    def __call__(self, view: ConsentView, *, allow_reuse: bool) -> Shown:
        """Disclose what ``view`` says, and nothing else. Calling this is the person's consent.

        Raises:
            Rejected: NO_FREE_SLOT without consent to reuse, EXPIRED, VERIFIER_NOT_ACCREDITED any more, or the
                verifier did not take it.
            NotSaved: nothing was sent. Unavailable: not delivered, or not known; ``resend`` may be tried.
        """
        if view.reuse is not None and not allow_reuse:
            raise Rejected(
                Reason.NO_FREE_SLOT,
                f"every key of this wallet has been seen by somebody: with this one, {view.reuse.seen_by_name} and "
                f"{view.verifier_name.en} could find out that they know the same person. Ask your bank for new "
                "copies, or allow reuse",
            )
        require_unexpired(view, self._clock)
        request = view.plan.request
        require_vouched_for(request, self._gate.verifier(request.verifier).participant, self._clock.now())
        # 1. The answer and the receipt are made and saved; from now on the slot belongs to this verifier.
        reference = b64u_encode(self._entropy.token(_REFERENCE_BYTES))
        body = self._answer(view)
        now = self._clock.now()
        self._store.save(
            PresentationPrepared(
                at=now,
                presentation=reference,
                request_hash=view.plan.request_hash,
                verifier_did=view.verifier_did,
                verifier_name=view.verifier_name.en,
                response_uri=view.plan.request.request.response_uri,
                slot=view.plan.slot,
                body=body.decode("ascii"),
                receipt=write_receipt(
                    view,
                    signer=self._store.seed.receipt_key(),
                    key=self._store.seed.key(view.plan.slot).public_jwk,
                    at=now,
                    body=body,
                ),
                shown=tuple(
                    f"{credential.title.en}: {claim.label.en}"
                    for credential in view.credentials
                    for claim in credential.shown
                ),
                reused=view.reuse is not None,
                credentials=tuple(each.reference for each in view.credentials),
            )
        )
        # 2. Only now it leaves.
        return self.resend(self._store.state.presentations[reference])

    def resend(self, presentation: Presentation) -> Shown:
        """Send a saved presentation, whose arrival is not known, with the same bytes.

        Raises:
            Rejected, Unavailable: as calling this object does.
        """
        if presentation.outcome is Outcome.DELIVERED:
            return Shown(presentation, presentation.redirect_uri)
        self._gate.verifier(DidEthr.parse(presentation.verifier_did))
        body = presentation.body.encode("ascii")
        try:
            delivered = persist(
                lambda: post_response(self._web, presentation.response_uri, body), self._pause
            )
        except AnswerLost as lost:
            raise Unavailable(
                lost.reason,
                "it is not known whether the verifier received your answer: present the same request again, which "
                "sends the same bytes and is safe",
            ) from lost
        except Rejected:
            self._settle(presentation.reference, "refused", None)
            raise
        return self._delivered(presentation.reference, delivered)

    def _delivered(self, reference: str, delivered: Delivered) -> Shown:
        self._settle(reference, "delivered", delivered.redirect_uri)
        return Shown(self._store.state.presentations[reference], delivered.redirect_uri)

    def _settle(self, reference: str, outcome: str, redirect_uri: str | None) -> None:
        self._store.save(
            PresentationSettled(
                at=self._clock.now(),
                presentation=reference,
                outcome="delivered" if outcome == "delivered" else "refused",
                redirect_uri=redirect_uri,
            )
        )

    def _answer(self, view: ConsentView) -> bytes:
        plan, request = view.plan, view.plan.request.request
        signer, now = self._store.seed.key(plan.slot), self._clock.now()
        token: dict[str, tuple[str, ...]] = {
            query_id: (
                present(
                    self._store.state.credentials[reference].copies[plan.slot],
                    disclose=places,
                    holder_signer=signer,
                    nonce=request.nonce,
                    # The whole identifier with its prefix (section 14.8): another verifier's is another audience.
                    aud=request.client_id,
                    iat=to_epoch(now),
                ),
            )
            for query_id, (reference, places) in plan.disclose.items()
        }
        response = AuthorizationResponse(vp_token=token, state=request.state)
        if request.response_mode is ResponseMode.DIRECT_POST:
            return write_response(response)
        if request.client_metadata is None:
            raise Rejected(Reason.REQUEST_INVALID, "expected a key to encrypt the answer to")
        key, kid, enc = request.client_metadata.encryption()
        return EncryptedResponse.encrypt(response, recipient=key, kid=kid, enc=enc).to_form()
