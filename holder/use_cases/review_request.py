"""Review a request: who asks, as the ledger knows them, and what answering would disclose. Nothing is sent.

1. The link's host is an accredited verifier's, before anything is fetched from it (threat T13).
2. The request object is signed by that verifier, fresh, for this wallet (OpenID4VP 1.0 sections 5 and 14).
3. The ledger vouches for the signing key, and the registration it carries; the purpose is a registered one.
4. The answer goes to the verifier's own origin, in a country that personal data may go to.
5. The least that answers the query, from one slot: this verifier's own, else a free one.

Leaves out the answer, which ``present_credentials`` makes once a person has consented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from holder.consent import Asked, ConsentView, PresentationPlan, Reuse, ShownClaim, ShownCredential
from holder.copies import OpenedCopy, candidate_in, open_copy
from holder.credentials import HeldCredential
from holder.directory import PRESENTING_SERVICE, Participant
from holder.errors import NothingToShow, WrongLink
from holder.labels import claim_label, type_label, value_text, words
from holder.pasted import pasted_link
from holder.ports import Clock, Entropy, Web
from holder.remote.verifier_client import fetch_request
from holder.slots import SlotChoice, choices_for
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import Accredited, TrustGate, require_same_origin
from holder.unmet import unmet_words
from outbound import Origin
from passport.clock import from_epoch
from passport.errors import Reason, Rejected
from passport.identifiers import Country
from passport.jose import b64u_encode
from passport.openid4vci.names import OFFER_SCHEME
from passport.openid4vp import (
    Match,
    Pick,
    Place,
    RequestLink,
    RequestUriMethod,
    VerifiedRegistration,
    VerifiedRequest,
    find_registration,
    match,
    require_registered,
    resolve,
    unmet,
    verify_request,
)
from passport.openid4vp.names import SD_JWT_VC
from passport.registry import Words, require_key_at

_NONCE_BYTES: Final = 24
_ISSUER: Final[Place] = ("issuer",)
_BANKS_DETAILS: Final = words(
    "the bank's details (legal names, codes, licence)", "銀行詳細資料（法定名稱、代號、執照）"
)
_ALWAYS_VISIBLE: Final = (
    words("Which bank issued it", "由哪一家銀行核發"),
    words("When it was issued and until when it holds", "核發日期與有效期限"),
    words("Where its status is looked up", "狀態查詢位置"),
    words("A random handle for the fraud check", "詐欺查核用之隨機代號"),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A verified request and who is behind it."""

    request: VerifiedRequest
    request_hash: str
    accredited: Accredited
    registered: VerifiedRegistration
    origin: Origin


class ReviewRequest:
    """The use case, with what it needs."""

    def __init__(
        self,
        *,
        gate: TrustGate,
        store: WalletStore,
        web: Web,
        clock: Clock,
        entropy: Entropy,
        restricted: frozenset[Country],
    ) -> None:
        self._gate = gate
        self._store = store
        self._web = web
        self._clock = clock
        self._entropy = entropy
        self._restricted = restricted

    def __call__(self, link: str) -> ConsentView:
        """The question to put to a person.

        Raises:
            Malformed, Rejected: the request is not acceptable, or there is nothing to show (NOTHING_TO_SHOW).
            Unavailable: the ledger or the verifier cannot be reached.
        """
        asked = self._verify(link)
        choice, found = self._choose(asked)
        return self._view(asked, choice, found)

    def _verify(self, link: str) -> _Asked:
        found = pasted_link(link)
        if found.lower().startswith(f"{OFFER_SCHEME}:"):
            raise WrongLink(is_offer=True)
        read = RequestLink.parse(found)
        # 1. Nothing is fetched from a host that is not an accredited verifier's.
        wallet_nonce = None
        expected: tuple[Accredited, ...] | None = None
        if read.request_uri is None:
            token = read.request or ""
        else:
            expected = self._gate.verifiers_at(read.request_uri)
            if read.request_uri_method is RequestUriMethod.POST:
                wallet_nonce = b64u_encode(self._entropy.token(_NONCE_BYTES))
            token = fetch_request(self._web, read.request_uri, wallet_nonce=wallet_nonce)
        # 2. Signed, fresh, for us.
        now = self._clock.now()
        request = verify_request(
            token, roots=self._gate.roots(), now=now, client_id=read.client_id, wallet_nonce=wallet_nonce
        )
        accredited = self._gate.verifier(request.verifier)
        if expected is not None and accredited.participant.did not in {e.participant.did for e in expected}:
            raise Rejected(
                Reason.VERIFIER_NOT_ACCREDITED, "the request is signed by another verifier than the host's"
            )
        # 3. Key and registration are on the ledger.
        registered = require_vouched_for(request, accredited.participant, now)
        # 4. The answer goes home, and to a country that it may go to.
        origin = accredited.participant.origin(PRESENTING_SERVICE)
        require_same_origin(request.request.response_uri, origin, "answer's destination")
        country = Country(registered.registration.country)
        if country in self._restricted:
            raise Rejected(
                Reason.DESTINATION_RESTRICTED,
                f"personal data may not be sent to {country} now (PDPA Art. 21)",
            )
        return _Asked(request, hash_of(link), accredited, registered, origin)

    def _choose(self, asked: _Asked) -> tuple[SlotChoice, Match]:
        """5. The first slot, in the order of preference, whose credentials answer the query."""
        state, now = self._store.state, self._clock.now()
        held = list(reversed(state.credentials.values()))
        slots = {slot for credential in held for slot in credential.copies}
        for choice in choices_for(str(asked.request.verifier), slots, state.slot_owners):
            candidates = [
                candidate
                for credential in held
                if (candidate := candidate_in(credential, choice.slot, now)) is not None
            ]
            try:
                return choice, match(asked.request.request.dcql_query, candidates)
            except Rejected:
                # Another slot may hold what this one lacks.
                continue
        raise NothingToShow(_asked(asked), self._missing(asked, held, now))

    def _missing(self, asked: _Asked, held: Sequence[HeldCredential], now: datetime) -> tuple[Words, ...]:
        """What the query asks for that no credential gives, whichever slot it is in; the newest is looked at first."""
        candidates, expired = [], dict[str, datetime]()
        for credential in held:
            candidate = candidate_in(credential, next(iter(credential.copies), 0), now)
            if candidate is not None:
                candidates.append(candidate)
            elif credential.format == SD_JWT_VC:
                ended = open_copy(next(iter(credential.copies.values()))).expires_at
                expired.setdefault(credential.type, ended or now)
        return unmet_words(unmet(asked.request.request.dcql_query, candidates), expired)

    def _view(self, asked: _Asked, choice: SlotChoice, found: Match) -> ConsentView:
        registration, request = asked.registered.registration, asked.request.request
        state = self._store.state
        # One credential a query, the newest; optional credential sets are left out: least disclosure.
        chosen = {query_id: picks[0] for query_id, picks in found.picks.items()}
        reuse = None
        if choice.seen_by is not None:
            name = next(
                (
                    each.verifier_name
                    for each in state.presentations.values()
                    if each.verifier_did == choice.seen_by
                ),
                choice.seen_by,
            )
            reuse = Reuse(choice.seen_by, name)
        return ConsentView(
            verifier_name=registration.legal_name,
            verifier_did=registration.did,
            verifier_lei=registration.lei,
            verifier_contact=registration.contact,
            country=registration.country,
            purpose=asked.registered.purpose.words,
            categories=tuple(each.words for each in registration.data_categories),
            retention=registration.retention,
            retention_days=registration.retention_days,
            recipients=registration.recipients,
            rights=registration.rights,
            if_refused=registration.if_refused,
            asks_hub=registration.asks_hub,
            answers_to=str(asked.origin),
            credentials=tuple(self._shown(query_id, pick, choice.slot) for query_id, pick in chosen.items()),
            seen_before=state.slot_owners.get(choice.slot) == registration.did,
            reuse=reuse,
            checked_at=asked.accredited.checked_at,
            offline=asked.accredited.offline,
            expires_at=None if request.exp is None else from_epoch(request.exp),
            plan=PresentationPlan(
                request=asked.request,
                request_hash=asked.request_hash,
                slot=choice.slot,
                disclose={
                    query_id: (pick.candidate.reference, pick.places) for query_id, pick in chosen.items()
                },
            ),
        )

    def _shown(self, query_id: str, pick: Pick, slot: int) -> ShownCredential:
        credential = self._store.state.credentials[pick.candidate.reference]
        opened = open_copy(credential.copies[slot])
        places = _outermost(place for place in pick.places if _is_content(place, opened))
        return ShownCredential(
            query_id=query_id,
            reference=credential.reference,
            title=type_label(credential.type),
            issuer_url=credential.issuer,
            shown=tuple(
                ShownClaim(
                    claim_label(credential.type, place),
                    value_text(resolve(opened.claims, place)[0].value),
                    place,
                )
                for place in places
            ),
            hidden=tuple(_hidden(credential.type, opened, pick.places)),
            always_visible=_ALWAYS_VISIBLE,
        )


def _asked(asked: _Asked) -> Asked:
    registration, request = asked.registered.registration, asked.request.request
    return Asked(
        registration.legal_name,
        registration.did,
        asked.registered.purpose.words,
        None if request.exp is None else from_epoch(request.exp),
        asked.request_hash,
        asked.request,
    )


def require_vouched_for(
    request: VerifiedRequest, verifier: Participant, now: datetime
) -> VerifiedRegistration:
    """The registration that a request carries, if the ledger vouches for it and for the signing key at this moment.

    Raises:
        Malformed, Rejected: it does not, or not any more.
    """
    require_key_at(verifier.key(request.chain.leaf_jwk.thumbprint()), at=now)
    return require_registered(
        find_registration(request.request.verifier_info),
        verifier=request.verifier,
        grants=verifier.grants,
        at=now,
    )


def hash_of(link: str) -> str:
    """A name for a request: two scans of the same code are the same request."""
    return hashlib.sha256(pasted_link(link).encode(errors="replace")).hexdigest()


def _is_content(place: Place, opened: OpenedCopy) -> bool:
    return bool(place) and place[0] in opened.content


def _outermost(places: Iterable[Place]) -> Sequence[Place]:
    """The places that lie in no other one: their contents are shown with them."""
    every = frozenset(places)
    outer = [place for place in every if not any(place[:length] in every for length in range(1, len(place)))]
    return sorted(outer, key=lambda place: [str(part) for part in place])


def _hidden(credential_type: str, opened: OpenedCopy, shown: frozenset[Place]) -> Iterable[Words]:
    """The outermost claims that stay hidden."""
    on_the_way = {place[:length] for place in shown for length in range(1, len(place) + 1)}
    inside = {place for place in opened.disclosable if any(place[:n] in shown for n in range(1, len(place)))}
    left = opened.disclosable - on_the_way - inside
    return [
        # Which bank it is stands in the open of every copy; what stays hidden is what the credential says of it.
        _BANKS_DETAILS if place == _ISSUER else claim_label(credential_type, place)
        for place in _outermost(left)
    ]


def require_unexpired(view: ConsentView | Asked, clock: Clock) -> None:
    """A person may take long to decide; the request may not wait that long.

    Raises:
        Rejected: EXPIRED.
    """
    if view.expires_at is not None and clock.now() >= view.expires_at:
        raise Rejected(Reason.EXPIRED, "the request has expired: ask for a new one")
