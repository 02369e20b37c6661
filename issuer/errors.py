"""What the issuing protocols answer by name; each is a Rejected of ours with the protocol's own code.

::

    Rejected
    ├── TokenRefused        token endpoint (RFC 6749 section 5.2, OpenID4VCI 1.0 section 6.3)
    ├── AccessRefused       a protected endpoint does not take this access token (RFC 6750, RFC 9449)
    ├── CredentialRefused   credential, deferred and notification endpoints (OpenID4VCI 1.0 sections 8 to 11)
    └── OfferDeclined       the bank makes no offer; its cause is the officer's to know, never the customer's
"""

from __future__ import annotations

from passport.errors import Reason, Rejected
from passport.openid4vci.names import ErrorCode


class TokenRefused(Rejected):
    """No token."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)
        self.code = code


class AccessRefused(Rejected):
    """This access token, or its proof of possession, does not open this endpoint."""

    def __init__(
        self, message: str, *, code: ErrorCode = ErrorCode.INVALID_TOKEN, scheme: str = "Bearer"
    ) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)
        self.code = code
        self.scheme = scheme


class CredentialRefused(Rejected):
    """No credential."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(Reason.REQUEST_INVALID, message)
        self.code = code


class OfferDeclined(Rejected):
    """No offer. The words are the same for every cause, so that nobody is tipped off (threats.md T39)."""

    def __init__(self, cause: Reason, tracks: frozenset[str] = frozenset()) -> None:
        """``tracks`` are the kinds of the bank's own tracks; empty where the hub alone said no."""
        super().__init__(Reason.CONFLICT, "the bank cannot make this offer now; please ask your bank")
        self.cause = cause
        self.tracks = tracks
