"""How a request reaches the wallet: a link with ``request_uri``, then GET or POST (OpenID4VP 1.0 sections 5, 5.10).

The link is not signed: of it only ``client_id`` is kept, to be compared with the signed request (RFC 9101 section
5). A request by value is read too. Leaves out fetching.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from passport import forms, strict_json
from passport.errors import Malformed
from passport.openid4vp import names
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import RequestUriMethod
from passport.strict_json import JsonObject


@dataclass(frozen=True, slots=True)
class RequestLink:
    """An authorization request as it is shown in a QR code or followed from a page; nothing in it is verified."""

    client_id: str
    request_uri: str | None = None
    request_uri_method: RequestUriMethod = RequestUriMethod.GET
    request: str | None = None

    def __post_init__(self) -> None:
        """One of the two ways, and with ``request`` no method."""
        if (self.request_uri is None) == (self.request is None):
            raise Malformed("request link: expected either request_uri or request")

    @classmethod
    def parse(cls, link: str) -> Self:
        """Read ``openid4vp://?client_id=…&request_uri=…``.

        Raises:
            Malformed: another scheme, no client_id, both or neither of request_uri and request, or an unknown
                request_uri_method (invalid_request_uri_method).
        """
        fields = forms.read_link(link, scheme=names.SCHEME)
        client_id = fields.get(names.CLIENT_ID, "")
        request_uri = fields.get(names.REQUEST_URI)
        method = fields.get(names.REQUEST_URI_METHOD)
        if not 0 < len(client_id) <= LIMITS.text:
            raise Malformed(f"request link: expected a client_id of 1 to {LIMITS.text} characters")
        if request_uri is not None and not 0 < len(request_uri) <= LIMITS.uri:
            raise Malformed(f"request link: expected a request_uri of 1 to {LIMITS.uri} characters")
        if method is not None and (method not in set(RequestUriMethod) or request_uri is None):
            raise Malformed("request link: expected request_uri_method get or post beside a request_uri")
        return cls(
            client_id,
            request_uri,
            RequestUriMethod(method) if method is not None else RequestUriMethod.GET,
            fields.get(names.REQUEST),
        )

    def to_uri(self) -> str:
        """The link."""
        fields = {names.CLIENT_ID: self.client_id}
        if self.request_uri is not None:
            fields[names.REQUEST_URI] = self.request_uri
            fields[names.REQUEST_URI_METHOD] = self.request_uri_method.value
        if self.request is not None:
            fields[names.REQUEST] = self.request
        return forms.write_link(names.SCHEME, fields)


@dataclass(frozen=True, slots=True)
class RequestUriPost:
    """What a wallet posts to ``request_uri`` (section 5.10); ``wallet_nonce`` must come back signed."""

    wallet_nonce: str | None = None
    wallet_metadata: JsonObject | None = None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the form.

        Raises:
            Malformed: not a form, an over-long nonce, or metadata that is not a JSON object.
        """
        fields = forms.read_form(body, max_bytes=LIMITS.request_object_bytes)
        nonce = fields.get(names.WALLET_NONCE)
        metadata = fields.get(names.WALLET_METADATA)
        if nonce is not None and not 0 < len(nonce) <= LIMITS.text:
            raise Malformed(f"request form: expected a wallet_nonce of 1 to {LIMITS.text} characters")
        read = (
            None
            if metadata is None
            else strict_json.as_object(strict_json.loads(metadata), "wallet_metadata")
        )
        return cls(nonce, read)

    def to_form(self) -> bytes:
        """The body to post."""
        fields: dict[str, str] = {}
        if self.wallet_nonce is not None:
            fields[names.WALLET_NONCE] = self.wallet_nonce
        if self.wallet_metadata is not None:
            fields[names.WALLET_METADATA] = strict_json.dumps(self.wallet_metadata).decode()
        return forms.write_form(fields)
