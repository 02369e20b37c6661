"""Read an offer: who makes it, as the ledger knows them, before anything is fetched from them or typed for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from holder.errors import BadInput, WrongLink
from holder.pasted import pasted_code, pasted_link
from holder.ports import Clock, Web
from holder.trust_gate import Accredited, TrustGate, require_same_origin
from holder.use_cases.know_issuer import know_issuer
from outbound import FetchLimits, parse_url
from passport import strict_json
from passport.errors import Reason, Rejected
from passport.openid4vci import CredentialOffer, InputMode, OfferLink, PreAuthorizedGrant
from passport.openid4vp.names import SCHEME as REQUEST_SCHEME
from passport.registry import Words

_FETCH = FetchLimits(max_bytes=64 * 1024, seconds=5.0)


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a person is told before they give a transaction code."""

    issuer_url: str
    issuer_did: str
    offered: tuple[str, ...]
    """Credential configuration ids, the bank's own names for what it offers."""
    code_needed: bool
    code_length: int | None
    code_is_numeric: bool
    issuer_name: Words | None
    """The bank's legal name as the registrar has it; None where its registration could not be had or not be believed."""
    accredited: Accredited = field(repr=False)
    offer: CredentialOffer = field(repr=False)

    @property
    def grant(self) -> PreAuthorizedGrant:
        """The pre-authorised code; ``read_offer`` made sure there is one."""
        grants = self.offer.grants
        if grants is None or grants.pre_authorized is None:
            raise Rejected(Reason.REQUEST_INVALID, "expected an offer with a pre-authorised code")
        return grants.pre_authorized

    def require_code(self, transaction_code: str | None) -> str | None:
        """The transaction code as it will be sent: checked here, so that a slip does not cost one of five tries.

        Raises:
            Malformed: one is needed and there is none, or it cannot be right.
        """
        if not self.code_needed:
            return None
        code = self.read_code(transaction_code or "")
        wanted = f"{self.code_length or 'the'} {'digits' if self.code_is_numeric else 'characters'}"
        right_length = bool(code) and self.code_length in {None, len(code)}
        if not right_length or (self.code_is_numeric and not (code.isascii() and code.isdigit())):
            unit = "位數字" if self.code_is_numeric else "個字元"
            shape = f"{self.code_length} {unit}" if self.code_length else "依原樣"
            raise BadInput(
                f"expected the transaction code that the bank gave you: {wanted}",
                f"請輸入銀行給您的交易驗證碼（{shape}）",
            )
        return code

    def read_code(self, text: str) -> str:
        """The code in what was typed or pasted: without blanks, dashes and label, in plain digits."""
        return pasted_code(text, numeric=self.code_is_numeric, length=self.code_length)


def parse_offer_link(link: str) -> OfferLink:
    """What a link says of itself, before anybody is asked about it.

    Raises:
        Malformed: not an offer's link; ``WrongLink`` for a request's.
    """
    found = pasted_link(link)
    if found.lower().startswith(f"{REQUEST_SCHEME}:"):
        raise WrongLink(is_offer=False)
    return OfferLink.parse(found)


def read_offer(link: str, *, gate: TrustGate, web: Web, clock: Clock, named: bool) -> OfferView:
    """The offer in a link, by value or by reference, from an accredited bank; ``named``: with its registered name.

    Raises:
        Malformed: not an offer. Rejected: ISSUER_NOT_ACCREDITED and others; nothing was sent anywhere.
        Unavailable: the ledger or the bank cannot be reached.
    """
    read = parse_offer_link(link)
    offer = read.offer
    if offer is None:
        # 1. A reference is followed only to an accredited bank, and only to an offer of that same bank.
        reference = read.offer_uri or ""
        gate.issuers(reference)
        answer = web.get(reference, limits=_FETCH)
        if not answer.ok:
            raise Rejected(Reason.NOT_FOUND, f"the bank no longer has this offer ({answer.status})")
        offer = CredentialOffer.read(strict_json.loads(answer.body))
        require_same_origin(offer.credential_issuer, parse_url(reference).origin, "offer's issuer")
    # 2. The bank that offers is accredited.
    known = know_issuer(offer.credential_issuer, gate=gate, web=web, clock=clock, named=named)
    # 3. It offers in the way that this wallet speaks.
    grant = offer.grants.pre_authorized if offer.grants else None
    if grant is None:
        raise Rejected(
            Reason.REQUEST_INVALID, "expected an offer with a pre-authorised code, got another kind"
        )
    rule = grant.tx_code
    return OfferView(
        issuer_url=offer.credential_issuer,
        issuer_did=str(known.accredited.participant.did),
        issuer_name=known.registration.legal_name if known.registration is not None else None,
        offered=offer.credential_configuration_ids,
        code_needed=rule is not None,
        code_length=rule.length if rule else None,
        code_is_numeric=rule is not None and rule.input_mode is InputMode.NUMERIC,
        accredited=known.accredited,
        offer=offer,
    )


def named_offer(view: OfferView, *, gate: TrustGate, web: Web, clock: Clock) -> OfferView:
    """The same with the bank's registered name, where it can be had and is the name of the bank that was found.

    Raises:
        Rejected, Unavailable: as ``read_offer``, the ledger having changed in between.
    """
    known = know_issuer(view.issuer_url, gate=gate, web=web, clock=clock, named=True)
    if known.registration is None or str(known.accredited.participant.did) != view.issuer_did:
        return view
    return replace(view, issuer_name=known.registration.legal_name)
