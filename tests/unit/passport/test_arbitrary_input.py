"""Whatever arrives, reading answers with a value or with Malformed or Rejected, and never with another error."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from passport.anchor import AnchorProof, LeafFile
from passport.claims import ShownAccountOwnership, ShownIdentity, ShownProofOfFunds
from passport.credential import OpenClaims
from passport.did import DidKey
from passport.errors import Malformed, Rejected
from passport.openid4vci import (
    CredentialOffer,
    CredentialRequest,
    CredentialResponse,
    IssuerMetadata,
    NotificationRequest,
    OfferLink,
    TokenRequest,
    TokenResponse,
)
from passport.openid4vp import DcqlQuery, RequestLink, RequestUriPost, read_request, read_response
from passport.registry import IssuerRegistration, VerifierRegistration
from passport.strict_json import JsonObject, JsonValue
from passport.vcdm import read_vc11

# Names that the messages know, so that drawn objects get past the first look.
NAMES: Final = st.sampled_from(
    [
        "credentials",
        "id",
        "format",
        "meta",
        "vct_values",
        "claims",
        "path",
        "values",
        "claim_sets",
        "credential_sets",
        "options",
        "required",
        "client_id",
        "response_type",
        "response_mode",
        "response_uri",
        "nonce",
        "state",
        "dcql_query",
        "aud",
        "iat",
        "exp",
        "vp_token",
        "credential_issuer",
        "grants",
        "credential_configuration_ids",
        "credential_endpoint",
        "credential",
        "proofs",
        "jwt",
        "notification_id",
        "event",
        "transaction_id",
        "interval",
        "iss",
        "cnf",
        "jwk",
        "status",
        "status_list",
        "idx",
        "uri",
        "anchor",
        "salt",
        "due",
        "fraud",
        "hub",
        "handle",
        "as_of",
        "thresholds",
        "total",
        "holder",
        "accounts",
        "document",
        "issuer",
        "proof",
        "type",
        "credentialSubject",
        "root",
        "size",
        "index",
        "path",
        "purposes",
        "did",
        "lei",
    ]
)
LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["dc+sd-jwt", "vp_token", "direct_post", "https://a.example", "n" * 22, "did:key:z6Mk"]),
)
JSON: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
OBJECTS: Final = st.dictionaries(NAMES, JSON, max_size=8)

READERS: Final[list[Callable[[JsonObject], object]]] = [
    DcqlQuery.read,
    read_request,
    CredentialOffer.read,
    CredentialRequest.read,
    CredentialResponse.read,
    IssuerMetadata.read,
    NotificationRequest.read,
    TokenResponse.read,
    VerifierRegistration.read,
    IssuerRegistration.read,
    AnchorProof.read,
    OpenClaims.read,
    ShownProofOfFunds.read,
    ShownIdentity.read,
    ShownAccountOwnership.read,
    read_vc11,
]


@given(OBJECTS)
def test_any_json_object_is_read_or_refused(value: dict[str, JsonValue]) -> None:
    for read in READERS:
        with suppress(Malformed, Rejected):
            read(value)


@given(st.binary(max_size=200) | st.text("abcdefghijklmnop_=&%25+{}[]:1", max_size=120).map(str.encode))
def test_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    for read in (TokenRequest.parse, RequestUriPost.parse, read_response):
        with suppress(Malformed):
            read(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_leaf_file_or_refused(data: bytes) -> None:
    for prefix in (b"", b"FPLEAF\x00\x01", b"FPLEAF\x00\x01" + (1).to_bytes(8)):
        with suppress(Malformed, Rejected):
            LeafFile.parse(prefix + data, root=bytes(32), size=1)


@given(st.text(max_size=80))
def test_any_text_is_a_link_or_refused(text: str) -> None:
    for scheme in ("", "openid4vp://?", "openid-credential-offer://?credential_offer="):
        for read in (RequestLink.parse, OfferLink.parse):
            with suppress(Malformed):
                read(scheme + text)


@given(st.text(max_size=60))
def test_any_text_is_a_did_key_or_refused(text: str) -> None:
    for prefix in ("", "did:key:z"):
        with suppress(Malformed):
            DidKey.parse(prefix + text)
