"""Signed and encrypted tokens: one algorithm per use, chosen by us and never by the message.

Follows RFC 7515 (JWS, compact form only), RFC 7516 (JWE, compact form only), RFC 7518 (ES256; ECDH-ES with
A128GCM or A256GCM), RFC 7638 (thumbprints), RFC 8725 (best practice). The strict layer reads the token itself,
because libraries accept repeated JSON names, NaN and base64url that is not canonical; cryptography and joserfc
do the primitives. Leaves out: every other algorithm, detached payloads, compression, keys fetched from a header.
"""

from passport.jose.base64url import b64u_decode, b64u_encode
from passport.jose.jwe import ContentEncryption, DecryptedJwe, DecryptionKey, decrypt_jwe, encrypt_jwe
from passport.jose.jwk import PublicJwk
from passport.jose.jws import UnverifiedJws, VerifiedJws, parse_compact, sign_compact, verify_compact
from passport.jose.signer import PrivateKeySigner, Signer

__all__ = [
    "ContentEncryption",
    "DecryptedJwe",
    "DecryptionKey",
    "PrivateKeySigner",
    "PublicJwk",
    "Signer",
    "UnverifiedJws",
    "VerifiedJws",
    "b64u_decode",
    "b64u_encode",
    "decrypt_jwe",
    "encrypt_jwe",
    "parse_compact",
    "sign_compact",
    "verify_compact",
]
