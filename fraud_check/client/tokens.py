"""Makes tokens: the client's half of the oblivious PRF over HTTP, for banks and for the police."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fraud_check.client.connection import HubConnection
from fraud_check.tokens import BlindedBatch, ConsortiumKey, EvaluationProof, TokenSubject
from passport.errors import Malformed
from passport.fraud import HubKeys, Token, make_token
from passport.fraud.names import EVALUATE_PATH, MAX_EVALUATIONS
from passport.fraud.requests import EpochKey, Evaluated, Evaluation
from passport.jose import b64u_decode, b64u_encode


class TokenMaker:
    """Tokens in the hub's current epoch."""

    def __init__(self, connection: HubConnection, key: ConsortiumKey) -> None:
        self._hub = connection
        self._key = key

    def make(self, subjects: Sequence[TokenSubject]) -> Mapping[TokenSubject, Token]:
        """The token of each subject.

        Raises:
            Malformed, Rejected, Unavailable: the hub's answer is not usable, its proof fails, or none came.
        """
        if not subjects:
            return {}
        keys = self._hub.hub_keys()
        epoch = _current(keys)
        wanted = list(dict.fromkeys(subjects))
        made: dict[TokenSubject, Token] = {}
        for at in range(0, len(wanted), MAX_EVALUATIONS):
            piece = wanted[at : at + MAX_EVALUATIONS]
            made.update(zip(piece, self._evaluate(piece, epoch), strict=True))
        return made

    def _evaluate(self, subjects: Sequence[TokenSubject], epoch: EpochKey) -> list[Token]:
        batch = BlindedBatch([self._key.token_input(subject) for subject in subjects])
        question = Evaluation(
            epoch=epoch.epoch, elements=tuple(b64u_encode(element) for element in batch.elements)
        )
        answer = self._hub.post(EVALUATE_PATH, question, answer=Evaluated)
        if answer.epoch != epoch.epoch:
            raise Malformed(f"expected an evaluation in epoch {epoch.epoch}, got {answer.epoch}")
        proof = EvaluationProof(tuple(b64u_decode(one) for one in answer.elements), b64u_decode(answer.proof))
        outputs = batch.finalize(proof, b64u_decode(epoch.public_key))
        return [make_token(epoch.epoch, output) for output in outputs]


def _current(keys: HubKeys) -> EpochKey:
    for epoch in keys.epochs:
        if epoch.epoch == keys.current_epoch:
            return epoch
    raise Malformed("expected the hub to publish its current epoch's key")
