"""Both halves of the oblivious PRF, in our own words over the Rust binding.

A token is the first 32 bytes of the 64-byte output. The client checks the proof before it believes any output: a hub
that evaluated under another key (to tell callers apart, or by mistake) is caught, not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fraud_check.tokens import _oprf
from passport.errors import Malformed, Reason, Rejected

TOKEN_SIZE = 32
ELEMENT_SIZE = 32


@dataclass(frozen=True, slots=True)
class EvaluationProof:
    """The hub's answer to one batch: evaluated elements, and one DLEQ proof over all of them."""

    evaluated: tuple[bytes, ...]
    proof: bytes


class BlindedBatch:
    """The client half: holds the blinds between the question and the answer, and nowhere else."""

    def __init__(self, inputs: Sequence[bytes]) -> None:
        """Blind each input with a fresh scalar of the operating system's.

        Raises:
            Malformed: the batch is empty or too long, or an input is.
        """
        try:
            self._blinding = _oprf.Blinding(list(inputs))
        except _oprf.OprfRefused as refused:
            raise Malformed(str(refused)) from refused

    @property
    def elements(self) -> tuple[bytes, ...]:
        """What the hub is sent: uniformly random group elements."""
        return tuple(self._blinding.elements)

    def finalize(self, answer: EvaluationProof, public_key: bytes) -> tuple[bytes, ...]:
        """The tokens, in the order of the inputs.

        Raises:
            Rejected: the proof does not hold for ``public_key``, or the answer is not well formed.
        """
        try:
            outputs = self._blinding.finalize(list(answer.evaluated), answer.proof, public_key)
        except _oprf.OprfRefused as refused:
            raise Rejected(Reason.SIGNATURE_INVALID, f"the hub's evaluation: {refused}") from refused
        return tuple(output[:TOKEN_SIZE] for output in outputs)


class EvaluationKey:
    """The server half: one epoch's key, derived from a secret seed and the epoch's public name."""

    def __init__(self, seed: bytes, epoch: int) -> None:
        """Derive the key pair (RFC 9497 section 3.2.1).

        Raises:
            Malformed: the seed is not 32 bytes.
        """
        self.epoch = epoch
        try:
            self._key = _oprf.ServerKey(seed, f"financial-passport hub epoch {epoch}".encode())
        except _oprf.OprfRefused as refused:
            raise Malformed(str(refused)) from refused

    @property
    def public_key(self) -> bytes:
        """What the hub publishes for this epoch."""
        return self._key.public_key

    def evaluate(self, blinded: Sequence[bytes]) -> EvaluationProof:
        """Apply the key to a batch that says nothing about what it asks for.

        Raises:
            Malformed: an element is no canonical group element, or the batch is empty or too long.
        """
        try:
            evaluated, proof = self._key.evaluate(list(blinded))
        except _oprf.OprfRefused as refused:
            raise Malformed(str(refused)) from refused
        return EvaluationProof(tuple(evaluated), proof)
