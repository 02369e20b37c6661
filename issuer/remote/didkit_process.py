"""The W3C signer: keeps one didkit worker, asks it line by line, and starts another when it has crashed.

What it signed is verified by it before it leaves: a bank that signs what it cannot verify would hear of it last. The
key is an Ed25519 JWK in a private file, made at the first start.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from passport.claims import rfc3339
from passport.clock import Entropy
from passport.did import DidKey, KeyKind
from passport.errors import Malformed, Misconfigured, Reason, Unavailable
from passport.jose import b64u_decode, b64u_encode
from passport.strict_json import JsonObject, as_object, dumps, get_array, get_object, get_text, loads
from service.key_files import load_secret_text, save_secret

_SECONDS: Final = 10.0
_MODULE: Final = "issuer.remote.didkit_worker"
_KEY_BYTES: Final = 32


def open_w3c_key(path: Path, entropy: Entropy) -> bytes:
    """The public half of the key in the file; a missing file is made.

    Raises:
        Misconfigured: the file holds no Ed25519 JWK.
    """
    if not path.exists():
        private = Ed25519PrivateKey.from_private_bytes(entropy.token(_KEY_BYTES))
        secret = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64u_encode(public), "d": b64u_encode(secret)}
        save_secret(path, json.dumps(jwk).encode())
    try:
        members = as_object(loads(load_secret_text(path, "W3C key")))
        public = b64u_decode(get_text(members, "x"))
    except Malformed as error:
        raise Misconfigured(f"W3C key: expected an Ed25519 JWK in {path}") from error
    if get_text(members, "crv") != "Ed25519" or len(public) != _KEY_BYTES:
        raise Misconfigured(f"W3C key: expected an Ed25519 JWK in {path}")
    return public


class DidkitProcess:
    """Signs documents; thread-safe, one at a time."""

    def __init__(self, key_file: Path, public_key: bytes) -> None:
        self.did_key = DidKey(KeyKind.ED25519, public_key)
        self._key_file = key_file
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def sign(self, document: JsonObject, created: datetime) -> JsonObject:
        """The document with its proof, which didkit has verified.

        Raises:
            Unavailable: the worker does not answer, or refuses the document.
        """
        signed = self._ask({"op": "issue", "document": document, "created": rfc3339(created)}, "document")
        errors = self.errors_in(get_object(signed, "document"))
        if errors:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the W3C signer cannot verify what it signed")
        return get_object(signed, "document")

    def errors_in(self, document: JsonObject) -> tuple[str, ...]:
        """What didkit finds wrong with a signed document; nothing if it verifies.

        Raises:
            Unavailable: the worker does not answer.
        """
        found = self._ask({"op": "verify", "document": document}, "errors")
        return tuple(str(one) for one in get_array(found, "errors"))

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._end()

    def _ask(self, request: JsonObject, member: str) -> JsonObject:
        with self._lock:
            # A worker that crashed since the last request shows only when it is asked.
            for attempt in (1, 2):
                try:
                    reply = as_object(loads(self._exchange(dumps(request))))
                except (OSError, Malformed) as error:
                    self._end()
                    if attempt == 1:
                        continue
                    raise _silent() from error
                if member not in reply:
                    raise Unavailable(
                        Reason.UPSTREAM_UNAVAILABLE, f"the W3C signer failed: {reply.get('failed')}"
                    )
                return reply
        raise _silent()

    def _exchange(self, line: bytes) -> bytes:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", _MODULE, str(self._key_file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise OSError("expected pipes to the worker")
        requests.write(line + b"\n")
        requests.flush()
        return self._read_line(answers.fileno())

    def _read_line(self, source: int) -> bytes:

        until, received = time.monotonic() + _SECONDS, b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(source, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if not waiting.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError("the worker did not answer in time")
                piece = os.read(source, 1 << 16)
                if not piece:
                    raise ConnectionError("the worker has ended")
                received += piece
        return received

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None


def _silent() -> Unavailable:
    return Unavailable(Reason.UPSTREAM_UNAVAILABLE, "the W3C signer does not answer")
