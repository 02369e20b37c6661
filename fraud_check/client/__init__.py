"""The hub's own client, so that its wire names live in one place: for member banks, verifiers and the police.

Make one :class:`HubConnection` for a caller, then the client of its role. All synchronous: services call them from
threads. Everything that the hub signed is checked against the TrustRegistry before it is believed.
"""

from fraud_check.client.connection import HubConnection
from fraud_check.client.member import HeldAccount, MemberClient, ReceivedAlert, ReceivedAlerts, Recognised
from fraud_check.client.police import NoticeDraft, PoliceClient
from fraud_check.client.verdicts import SignedVerdict, question_hash
from fraud_check.client.verifier import PresentedProof, VerifierClient
from fraud_check.tokens import ConsortiumKey, TokenKind, TokenSubject, account_subject, person_subject

__all__ = [
    "ConsortiumKey",
    "HeldAccount",
    "HubConnection",
    "MemberClient",
    "NoticeDraft",
    "PoliceClient",
    "PresentedProof",
    "ReceivedAlert",
    "ReceivedAlerts",
    "Recognised",
    "SignedVerdict",
    "TokenKind",
    "TokenSubject",
    "VerifierClient",
    "account_subject",
    "person_subject",
    "question_hash",
]
