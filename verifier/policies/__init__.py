"""What each kind of application asks for and requires, as files one can read.

A policy is data: the DCQL query that a wallet is sent, and the rules that its answer must meet. Its SHA-256 goes into
every decision record, so that it can be shown later which rules a decision followed.
"""

from verifier.policies.model import FraudCheckRule, Policy, Rules
from verifier.policies.reader import read_policies

__all__ = ["FraudCheckRule", "Policy", "Rules", "read_policies"]
