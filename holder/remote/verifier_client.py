"""Calling a verifier: fetch the request object, post the answer (OpenID4VP 1.0 sections 5.10, 8.2 and 8.3).

Leaves out judging the request, and whether to answer at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from holder.ports import Web
from outbound import FetchLimits, parse_url
from passport import strict_json
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.openid4vp import LIMITS, RequestUriPost
from passport.openid4vp.names import FORM_MEDIA_TYPE, REDIRECT_URI, REQUEST_OBJECT_MEDIA_TYPE
from passport.strict_json import find_text

_REQUEST: Final = FetchLimits(max_bytes=LIMITS.request_object_bytes, seconds=5.0)
_RESPONSE: Final = FetchLimits(max_bytes=64 * 1024, seconds=15.0)
_SERVER_FAULT: Final = 500
_CONFLICT: Final = 409
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Delivered:
    """The verifier has the answer."""

    redirect_uri: str | None = None
    received_before: bool = False


def fetch_request(web: Web, request_uri: str, *, wallet_nonce: str | None) -> str:
    """The request object's text, unverified; with a nonce by POST, else by GET.

    Raises:
        Rejected: NOT_FOUND, the verifier has no such request any more. Malformed, Unavailable: see ``outbound``.
    """
    accept = (REQUEST_OBJECT_MEDIA_TYPE,)
    if wallet_nonce is None:
        answer = web.get(request_uri, accept=accept, limits=_REQUEST)
    else:
        answer = web.post(
            request_uri,
            body=RequestUriPost(wallet_nonce=wallet_nonce).to_form(),
            content_type=FORM_MEDIA_TYPE,
            accept=accept,
            limits=_REQUEST,
        )
    if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY:
        raise Unavailable(
            Reason.UPSTREAM_UNAVAILABLE, f"the verifier cannot answer now ({answer.status}): try again"
        )
    if not answer.ok:
        raise Rejected(
            Reason.NOT_FOUND, f"the verifier no longer has this request ({answer.status}): ask for a new one"
        )
    try:
        return answer.body.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("expected a request object in ASCII") from error


def post_response(web: Web, response_uri: str, body: bytes) -> Delivered:
    """Post the answer. Posting the same bytes again is safe: the verifier says that it had them.

    Raises:
        Rejected: the verifier did not take it. AnswerLost: it may have arrived. Unavailable: it did not.
    """
    answer = web.post(response_uri, body=body, content_type=FORM_MEDIA_TYPE, limits=_RESPONSE)
    if answer.ok:
        return Delivered(redirect_uri=_redirect(answer.body))
    if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY:
        raise Unavailable(
            Reason.UPSTREAM_UNAVAILABLE, f"the verifier cannot take it now ({answer.status}): try again"
        )
    code = _error(answer.body)
    if answer.status == _CONFLICT and code == Reason.ALREADY_RECEIVED:
        return Delivered(received_before=True)
    if answer.status == _CONFLICT:
        raise Rejected(
            Reason.TRANSACTION_CLOSED,
            "the verifier already has another answer to this request: ask for a new one",
        )
    if code == Reason.EXPIRED:
        raise Rejected(Reason.EXPIRED, "the request has expired: ask the verifier for a new one")
    raise Rejected(Reason.REQUEST_INVALID, f"the verifier did not take the answer ({answer.status})")


def _redirect(body: bytes) -> str | None:
    """Where to send the person next, if the verifier says so and it is a plain URL."""
    try:
        said = strict_json.as_object(strict_json.loads(body)) if body else {}
        found = find_text(said, REDIRECT_URI)
        return None if found is None else str(parse_url(found))
    except Malformed:
        return None


def _error(body: bytes) -> str | None:
    try:
        return find_text(strict_json.as_object(strict_json.loads(body)), "error")
    except Malformed:
        return None
