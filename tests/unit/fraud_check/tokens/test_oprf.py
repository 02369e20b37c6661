"""The Python front of the oblivious PRF against RFC 9497's vectors (blinds and proofs: in the Rust tests)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fraud_check.tokens import BlindedBatch, EvaluationKey, EvaluationProof, _oprf
from passport.errors import Malformed, Reason, Rejected

VECTORS = Path(__file__).parents[3] / "vectors" / "rfc9497" / "voprf-ristretto255-sha512.txt"


def _sections() -> list[dict[str, list[bytes]]]:
    sections = VECTORS.read_text().split("\n# A.1.2")[1:]
    return [
        {m[1]: [bytes.fromhex(v) for v in m[2].split(",")] for m in re.finditer(r"(\w+) = (\S+)", text)}
        for text in sections
    ]


def test_keys_evaluations_and_outputs_are_those_of_rfc_9497() -> None:
    head, *vectors = _sections()
    key = _oprf.ServerKey(head["Seed"][0], head["KeyInfo"][0])
    assert key.public_key == head["pkSm"][0]
    assert len(vectors) == 3
    for vector in vectors:
        evaluated, _proof = key.evaluate(vector["BlindedElement"])
        assert evaluated == vector["EvaluationElement"]
        blinding = _oprf.Blinding(vector["Input"])
        outputs = blinding.finalize(*key.evaluate(blinding.elements), key.public_key)
        assert outputs == vector["Output"]


def test_a_token_is_the_same_for_every_bank_and_another_in_the_next_epoch() -> None:
    first, second = EvaluationKey(b"s" * 32, 1), EvaluationKey(b"s" * 32, 2)

    def token(key: EvaluationKey) -> bytes:
        batch = BlindedBatch([b"the same account"])
        return batch.finalize(key.evaluate(batch.elements), key.public_key)[0]

    assert token(first) == token(first)
    assert len(token(first)) == 32
    assert token(first) != token(second)


def test_what_the_hub_sees_differs_each_time() -> None:
    assert BlindedBatch([b"x"]).elements != BlindedBatch([b"x"]).elements


def test_a_hub_that_uses_another_key_for_one_caller_is_caught() -> None:
    published, secret = EvaluationKey(b"a" * 32, 1), EvaluationKey(b"b" * 32, 1)
    batch = BlindedBatch([b"x", b"y"])
    with pytest.raises(Rejected) as refused:
        batch.finalize(secret.evaluate(batch.elements), published.public_key)
    assert refused.value.reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("spoil", ["evaluated", "proof", "count", "short"])
def test_a_spoiled_answer_gives_no_token(spoil: str) -> None:
    key = EvaluationKey(b"a" * 32, 1)
    batch = BlindedBatch([b"x", b"y"])
    good = key.evaluate(batch.elements)
    spoiled = {
        "evaluated": EvaluationProof(good.evaluated[::-1], good.proof),
        "proof": EvaluationProof(good.evaluated, good.proof[:-1] + bytes([good.proof[-1] ^ 1])),
        "count": EvaluationProof(good.evaluated[:1], good.proof),
        "short": EvaluationProof((good.evaluated[0][:31], good.evaluated[1]), good.proof),
    }[spoil]
    with pytest.raises(Rejected):
        batch.finalize(spoiled, key.public_key)


@pytest.mark.parametrize("element", [bytes(32), b"\xff" * 32, b"\x01" * 31, b""])
def test_the_hub_refuses_what_is_no_group_element(element: bytes) -> None:
    with pytest.raises(Malformed):
        EvaluationKey(b"a" * 32, 1).evaluate([element])


def test_empty_batches_and_inputs_are_malformed() -> None:
    with pytest.raises(Malformed):
        BlindedBatch([])
    with pytest.raises(Malformed):
        BlindedBatch([b""])
    with pytest.raises(Malformed):
        EvaluationKey(b"short", 1)
