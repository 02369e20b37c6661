"""Tokens: names for accounts and persons that say nothing without both keys (design section 9, "Tokens").

A member bank computes a keyed value under the consortium's key, then both halves of the oblivious PRF of RFC 9497
(mode VOPRF, ristretto255-SHA512): the hub never sees a number, and no bank can search offline. Leaves out where
keys are kept and who may ask how often: that is the hub's service.
"""

from fraud_check.tokens.oprf import BlindedBatch, EvaluationKey, EvaluationProof
from fraud_check.tokens.subjects import (
    ConsortiumKey,
    TokenKind,
    TokenSubject,
    account_subject,
    person_subject,
)

__all__ = [
    "BlindedBatch",
    "ConsortiumKey",
    "EvaluationKey",
    "EvaluationProof",
    "TokenKind",
    "TokenSubject",
    "account_subject",
    "person_subject",
]
