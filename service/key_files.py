"""Secrets and certificates in files: private ones with mode 0600 and nothing wider.

Reads PEM P-256 keys (PKCS #8 or SEC 1), PEM certificate chains, and one-line secrets. Leaves out hardware keys:
they come as another Signer, never as a file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from passport.errors import Misconfigured

_MAX_BYTES = 1 << 20


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a small file.

    Raises:
        Misconfigured: it is missing, unreadable or larger than 1 MiB.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"{what}: cannot read {path}: {error.strerror}") from error
    if len(content) > _MAX_BYTES:
        raise Misconfigured(f"{what}: expected at most 1 MiB in {path}")
    return content


def load_secret(path: Path, what: str) -> bytes:
    """The bytes of a file that only its owner may read.

    Raises:
        Misconfigured: it is missing, or group or others may read or write it.
    """
    content = read_file(path, what)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Misconfigured(f"{what}: expected mode 0600 for {path}, got {mode:04o}")
    return content


def load_secret_text(path: Path, what: str) -> str:
    """One line of ASCII from a private file, without surrounding white space.

    Raises:
        Misconfigured: as ``load_secret``, or it is empty or not ASCII.
    """
    try:
        text = load_secret(path, what).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{what}: expected ASCII text in {path}") from error
    if not text:
        raise Misconfigured(f"{what}: {path} is empty")
    return text


def save_secret(path: Path, content: bytes) -> None:
    """Write a new private file durably: mode 0600 from its first byte, whole or not at all.

    Raises:
        Misconfigured: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Misconfigured(f"cannot write {path}: {error.strerror}") from error


def load_p256_key(path: Path, what: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 private key from a private PEM file.

    Raises:
        Misconfigured: as ``load_secret``, or it holds another kind of key.
    """
    pem = load_secret(path, what)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"{what}: expected an unencrypted PEM private key in {path}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Misconfigured(f"{what}: expected a P-256 key in {path}")
    return key


def load_certificates(path: Path, what: str) -> tuple[bytes, ...]:
    """Every certificate of a PEM bundle as DER, in the file's order.

    Raises:
        Misconfigured: it is missing or holds no certificate.
    """
    pem = read_file(path, what)
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Misconfigured(f"{what}: expected PEM certificates in {path}") from error
    return tuple(one.public_bytes(Encoding.DER) for one in certificates)
