"""Open an application: the bank's system says which policy, and gets what the wallet and the officer need.

Three names that nobody can guess from one another: the application's id is the bank's, the request's the wallet's, the
result's the officer's. Nonce and state are fresh for each transaction (OpenID4VP 1.0 section 14.1), and so is the key
to which an encrypted answer is encrypted (section 8.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from passport.clock import Clock, Entropy
from passport.errors import Reason, Rejected
from passport.jose import DecryptionKey, b64u_encode
from passport.openid4vp import RequestLink, RequestUriMethod, ResponseMode
from verifier.application import Application, Phase
from verifier.policies.reader import KnownPolicy
from verifier.ports import ApplicationStore

_NAME_BYTES = 24
_NONCE_BYTES = 32


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """What opening needs."""

    policies: Mapping[str, KnownPolicy]
    applications: ApplicationStore
    clock: Clock
    entropy: Entropy
    lifetime: timedelta
    base_url: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the bank's system hands on: the link to the person's wallet, the result's address to its officer."""

    application: Application
    request: str
    result_url: str


def open_application(
    desk: FrontDesk,
    *,
    policy: str,
    reference: str = "",
    applicant_name: str | None = None,
    response_mode: ResponseMode = ResponseMode.DIRECT_POST_JWT,
    amount_usd_minor: int | None = None,
) -> Opened:
    """A new application, durable when this returns.

    Raises:
        Rejected: NOT_FOUND, there is no such policy.
    """
    if policy not in desk.policies:
        raise Rejected(Reason.NOT_FOUND, f"expected one of the policies {', '.join(sorted(desk.policies))}")
    now = desk.clock.now().replace(microsecond=0)
    request_id = _name(desk.entropy)
    application = Application(
        id=f"app_{_name(desk.entropy)}",
        reference=reference,
        policy=policy,
        request_id=request_id,
        result_id=_name(desk.entropy),
        nonce=b64u_encode(desk.entropy.token(_NONCE_BYTES)),
        state=_name(desk.entropy),
        response_mode=response_mode,
        response_key=_response_key(request_id, response_mode, desk.entropy),
        applicant_name=applicant_name,
        created_at=now,
        expires_at=now + desk.lifetime,
        phase=Phase.OPEN,
        amount_usd_minor=amount_usd_minor,
    )
    desk.applications.add(application)
    return describe(desk, application)


def describe(desk: FrontDesk, application: Application) -> Opened:
    """An application with its two addresses."""
    link = RequestLink(
        client_id=desk.client_id,
        request_uri=f"{desk.base_url}/oid4vp/requests/{application.request_id}",
        request_uri_method=RequestUriMethod.POST,
    )
    return Opened(application, link.to_uri(), f"{desk.base_url}/v1/results/{application.result_id}")


def _name(entropy: Entropy) -> str:
    return b64u_encode(entropy.token(_NAME_BYTES))


def _response_key(request_id: str, mode: ResponseMode, entropy: Entropy) -> bytes | None:
    if mode is not ResponseMode.DIRECT_POST_JWT:
        return None
    return DecryptionKey.generate(request_id, entropy).secret()
