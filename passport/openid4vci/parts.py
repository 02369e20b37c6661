"""Value shapes that several OpenID4VCI messages share."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from passport.openid4vci.limits import LIMITS

Text = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.text)]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~+/=-]+\z", max_length=LIMITS.token)]
"""A code or token as RFC 6750 section 2.1 allows it in a header."""

ClientId = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7E]+\z", max_length=LIMITS.text)]
"""A client identifier: visible characters and spaces (RFC 6749 appendix A.1)."""

Uri = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#]+\z", max_length=LIMITS.uri)]
"""A URL. That it is https outside a sandbox is for the one who fetches to see to."""

IssuerIdentifier = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+\z", max_length=LIMITS.uri)]
"""A Credential Issuer Identifier: no query, no fragment (section 12.2.1)."""

Ascii = Annotated[
    str, StringConstraints(pattern=r"^[\x20-\x21\x23-\x5B\x5D-\x7E]*\z", max_length=LIMITS.text)
]
"""What section 8.3.1.2 lets an error description be."""
