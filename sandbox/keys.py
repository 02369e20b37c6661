"""Keys of a new installation: random, one file each, readable by their owner only.

A sandbox makes all participants' keys in one place because it plays all of them. In production each participant
makes its own, and only hashes and public keys meet.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_OWNER_ONLY = 0o600


def write_secret(path: Path, content: bytes) -> Path:
    """Write a new file that only its owner can read, durably."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def new_signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A P-256 key in a PEM file (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    write_secret(
        path,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    return key


def new_bearer_token(path: Path) -> str:
    """256 random bits in base64url."""
    token = secrets.token_urlsafe(32)
    write_secret(path, token.encode())
    return token
