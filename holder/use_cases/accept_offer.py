"""Accept an offer: get the credentials, verify them, save them, and only then tell the bank (OpenID4VCI 1.0).

Every step is saved before its request leaves. After a crash or a lost answer, on either side, accepting the same
offer again goes on where it stopped: the same token, the same proofs, hence the same bytes, once (faults F01 to F04
and F08). Leaves out asking the person for a transaction code.
"""

from __future__ import annotations

from dataclasses import dataclass

from holder.credentials import HeldCredential, Issuance
from holder.ports import Clock, Entropy, Pause, Web
from holder.received import read_w3c_copy, require_may_issue, verify_copies
from holder.remote.dpop import DpopKey
from holder.remote.issuer_client import IssuerClient, IssuerRefused, IssuerServices
from holder.slots import COPIES, slots_for_issuance
from holder.storage.records import (
    CredentialSaved,
    Deferred,
    IssuanceEnded,
    IssuanceStarted,
    RequestPrepared,
    SavedCopy,
    TokenReceived,
)
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.use_cases.persist import persist
from holder.use_cases.read_offer import OfferView, named_offer, read_offer
from passport import strict_json
from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.jose import b64u_encode
from passport.openid4vci import (
    CredentialConfiguration,
    CredentialRequest,
    CredentialResponse,
    ErrorCode,
    NotificationEvent,
    NotificationRequest,
    Proofs,
    names,
    sign_key_proof,
)

_REFERENCE_BYTES = 12
_RETRY_WITH_NEW_PROOFS = frozenset({ErrorCode.INVALID_NONCE, ErrorCode.INVALID_PROOF})
_SPOKEN = frozenset({names.SD_JWT_VC, names.LDP_VC})


@dataclass(frozen=True, slots=True)
class _Session:
    """One run towards one bank."""

    view: OfferView
    client: IssuerClient
    services: IssuerServices
    dpop: DpopKey | None


class AcceptOffer:
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

    def __call__(self, link: str, transaction_code: str | None) -> tuple[HeldCredential, ...]:
        """The credentials, saved.

        Raises:
            Malformed, Rejected: the offer, the code or what came is not acceptable.
            Unavailable: no answer; nothing is lost, and the same call goes on from here.
        """
        # 1. Trust before anything else.
        view = read_offer(link, gate=self._gate, web=self._web, clock=self._clock, named=False)
        issuance = self._find(view)
        if issuance is not None and issuance.ended:
            return self._credentials(issuance)
        # The bank's name, as the ledger vouches for it, is kept with what it issues.
        view = named_offer(view, gate=self._gate, web=self._web, clock=self._clock)
        # 2. What the bank publishes, and that it may issue what it offers.
        client = IssuerClient(self._web, view.issuer_url)
        services = persist(client.services, self._pause)
        configurations = {name: services.issuer.configuration(name) for name in view.offered}
        self._check(view, configurations)
        # 3. The token, for the slots' keys.
        if issuance is None or issuance.access_token is None:
            issuance = self._start(view, services, transaction_code, issuance)
        session = _Session(
            view, client, services, self._dpop(issuance.reference) if services.speaks_dpop else None
        )
        if issuance.access_token is None:
            issuance = self._get_token(session, issuance)
        # 4. Each credential: asked for, verified, saved.
        for name, configuration in configurations.items():
            if name not in issuance.saved:
                self._get_credential(session, issuance.reference, name, configuration)
        # 5. Only now the bank hears of it.
        issuance = self._store.state.issuances[issuance.reference]
        self._finish(session, issuance)
        return self._credentials(issuance)

    def _find(self, view: OfferView) -> Issuance | None:
        """The issuance that this offer began, unless the bank refused it."""
        for issuance in reversed(list(self._store.state.issuances.values())):
            if issuance.issuer == view.issuer_url and issuance.offer == view.grant.pre_authorized_code:
                done = set(view.offered) <= issuance.saved.keys()
                return issuance if done or not issuance.ended else None
        return None

    def _credentials(self, issuance: Issuance) -> tuple[HeldCredential, ...]:
        return tuple(self._store.state.credentials[reference] for reference in issuance.saved.values())

    def _check(self, view: OfferView, configurations: dict[str, CredentialConfiguration]) -> None:
        for configuration in configurations.values():
            if configuration.format not in _SPOKEN:
                raise Rejected(
                    Reason.REQUEST_INVALID, "the bank offers a format that this wallet does not speak"
                )
            if configuration.format == names.SD_JWT_VC:
                require_may_issue(view.accredited.participant, configuration.vct or "", self._clock.now())

    def _start(
        self,
        view: OfferView,
        services: IssuerServices,
        transaction_code: str | None,
        before: Issuance | None,
    ) -> Issuance:
        code = view.require_code(transaction_code)
        if before is not None and before.transaction_code == code:
            return before
        state = self._store.state
        used = {slot for each in state.issuances.values() for slot in each.slots}
        latest = next((each.slots for each in reversed(state.issuances.values()) if each.saved), ())
        slots = slots_for_issuance(
            latest,
            state.slot_owners,
            copies=min(COPIES, services.issuer.batch_size),
            next_slot=max(used, default=state.first_key - 1) + 1,
        )
        reference = b64u_encode(self._entropy.token(_REFERENCE_BYTES))
        self._store.save(
            IssuanceStarted(
                at=self._clock.now(),
                issuance=reference,
                issuer=view.issuer_url,
                issuer_did=view.issuer_did,
                offer=view.grant.pre_authorized_code,
                transaction_code=code,
                slots=slots,
            )
        )
        return self._store.state.issuances[reference]

    def _get_token(self, session: _Session, issuance: Issuance) -> Issuance:
        try:
            token = persist(
                lambda: session.client.token(
                    session.services,
                    code=issuance.offer,
                    transaction_code=issuance.transaction_code,
                    dpop=session.dpop,
                ),
                self._pause,
            )
        except IssuerRefused as refused:
            self._end(issuance.reference, refused)
            raise
        found = {name: token.credential_identifier(name) for name in session.view.offered}
        self._store.save(
            TokenReceived(
                at=self._clock.now(),
                issuance=issuance.reference,
                access_token=token.access_token,
                token_type=token.token_type,
                identifiers={name: each for name, each in found.items() if each is not None},
            )
        )
        return self._store.state.issuances[issuance.reference]

    def _get_credential(
        self, session: _Session, reference: str, name: str, configuration: CredentialConfiguration
    ) -> None:
        response = self._ask(session, reference, name, configuration)
        if response.credentials is None:
            if response.transaction_id is not None:
                self._store.save(
                    Deferred(
                        at=self._clock.now(),
                        issuance=reference,
                        configuration=name,
                        transaction_id=response.transaction_id,
                    )
                )
            raise Unavailable(
                Reason.UPSTREAM_UNAVAILABLE,
                "the bank needs more time for this credential: accept the same offer again later",
            )
        issuance = self._store.state.issuances[reference]
        try:
            copies = self._verify(session, issuance, configuration, response)
        except PassportError as error:
            self._report(session, issuance, response.notification_id, NotificationEvent.FAILURE)
            self._end(reference, error)
            raise
        self._store.save(
            CredentialSaved(
                at=self._clock.now(),
                issuance=reference,
                credential=b64u_encode(self._entropy.token(_REFERENCE_BYTES)),
                configuration=name,
                format=configuration.format,
                type=configuration.vct or _type_of(configuration),
                copies=copies,
                notification=response.notification_id,
                issuer_name=session.view.issuer_name,
            )
        )

    def _ask(
        self, session: _Session, reference: str, name: str, configuration: CredentialConfiguration
    ) -> CredentialResponse:
        """Send the saved request, or make one; a challenge that was used up is answered with a new one, once."""
        issuance = self._store.state.issuances[reference]
        if name in issuance.deferred:
            transaction = issuance.deferred[name]
            return persist(
                lambda: session.client.deferred(
                    session.services, transaction, token=_token(issuance), dpop=_bound(session, issuance)
                ),
                self._pause,
            )
        body = issuance.requests.get(name) or self._prepare(session, issuance, name, configuration)
        try:
            return self._send(session, issuance, body)
        except IssuerRefused as refused:
            if refused.code not in _RETRY_WITH_NEW_PROOFS:
                self._end(reference, refused)
                raise
        try:
            return self._send(session, issuance, self._prepare(session, issuance, name, configuration))
        except IssuerRefused as refused:
            self._end(reference, refused)
            raise

    def _send(self, session: _Session, issuance: Issuance, body: str) -> CredentialResponse:
        return persist(
            lambda: session.client.credential(
                session.services, body.encode(), token=_token(issuance), dpop=_bound(session, issuance)
            ),
            self._pause,
        )

    def _prepare(
        self, session: _Session, issuance: Issuance, name: str, configuration: CredentialConfiguration
    ) -> str:
        nonce = persist(lambda: session.client.nonce(session.services), self._pause)
        now = self._clock.now()
        proofs = tuple(
            sign_key_proof(
                signer=self._store.seed.key(slot),
                audience=session.view.issuer_url,
                nonce=nonce,
                issued_at=now,
            )
            for slot in _slots_of(issuance, configuration)
        )
        identifier = issuance.identifiers.get(name)
        request = CredentialRequest(
            credential_identifier=identifier,
            credential_configuration_id=None if identifier is not None else name,
            proofs=Proofs(jwt=proofs),
        )
        body = strict_json.dumps(request.to_object()).decode()
        self._store.save(RequestPrepared(at=now, issuance=issuance.reference, configuration=name, body=body))
        return body

    def _verify(
        self,
        session: _Session,
        issuance: Issuance,
        configuration: CredentialConfiguration,
        response: CredentialResponse,
    ) -> tuple[SavedCopy, ...]:
        issued = [each.credential for each in response.credentials or ()]
        slots = _slots_of(issuance, configuration)
        if configuration.format == names.LDP_VC:
            if len(issued) != 1 or isinstance(issued[0], str):
                raise Malformed("expected one W3C credential as a JSON object")
            slot = read_w3c_copy(
                issued[0],
                credential_issuer=session.view.issuer_url,
                slots={self._store.seed.key(each).public_jwk: each for each in slots},
                at=self._clock.now(),
            )
            return (SavedCopy(slot=slot, text=strict_json.dumps(issued[0]).decode()),)
        texts = [each for each in issued if isinstance(each, str)]
        if len(texts) != len(issued):
            raise Malformed("expected credentials as text")
        copies = verify_copies(
            texts,
            vct=configuration.vct or "",
            credential_issuer=session.view.issuer_url,
            issuer=session.view.accredited.participant,
            roots=self._gate.roots(),
            slots={self._store.seed.key(slot).public_jwk: slot for slot in slots},
            at=self._clock.now(),
        )
        return tuple(SavedCopy(slot=copy.slot, text=copy.text) for copy in copies)

    def _finish(self, session: _Session, issuance: Issuance) -> None:
        for notification in issuance.notifications:
            self._report(session, issuance, notification, NotificationEvent.ACCEPTED)
        self._store.save(IssuanceEnded(at=self._clock.now(), issuance=issuance.reference, outcome="finished"))

    def _report(
        self, session: _Session, issuance: Issuance, notification: str | None, event: NotificationEvent
    ) -> None:
        """Tell the bank. It is a courtesy (section 11.1): what was saved stays saved if it does not arrive."""
        if notification is None:
            return
        request = NotificationRequest(notification_id=notification, event=event)
        try:
            session.client.notify(
                session.services, request, token=_token(issuance), dpop=_bound(session, issuance)
            )
        except PassportError:
            return

    def _end(self, reference: str, error: PassportError) -> None:
        self._store.save(
            IssuanceEnded(at=self._clock.now(), issuance=reference, outcome="refused", message=str(error))
        )

    def _dpop(self, reference: str) -> DpopKey:
        return DpopKey(self._store.seed.dpop_key(reference), self._clock, self._entropy)


def _slots_of(issuance: Issuance, configuration: CredentialConfiguration) -> tuple[int, ...]:
    """Copies make sense where a presentation shows the whole credential's signature: one for a W3C credential."""
    return issuance.slots[:1] if configuration.format == names.LDP_VC else issuance.slots


def _token(issuance: Issuance) -> str:
    if issuance.access_token is None:
        raise Malformed("expected an access token before a credential is asked for")
    return issuance.access_token


def _bound(session: _Session, issuance: Issuance) -> DpopKey | None:
    """The server decides whether the token is bound, whatever its metadata say."""
    return session.dpop if issuance.dpop_bound else None


def _type_of(configuration: CredentialConfiguration) -> str:
    """The most specific type of a W3C credential."""
    types = (configuration.credential_definition or {}).get("type")
    names_of = [each for each in types if isinstance(each, str)] if isinstance(types, list) else []
    return names_of[-1] if names_of else "VerifiableCredential"
