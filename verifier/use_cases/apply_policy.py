"""Step 4: policy. Does it say enough, recently enough, about the same person (design section 9)?

1. Every claim that was asked for is there; a threshold that is missing was not met, since only true ones are issued.
2. The figures are recent enough, and the money is the holder's alone; what is joint goes to a person, or is refused.
3. The document has not expired; the person is of age.
4. All credentials are about the same person: bound to one key, and equal names. Anything else goes to a person.
5. No account is counted twice.

Times are judged as of the presentation: how long a check took, or waited, changes no answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from passport.errors import Reason, Rejected
from passport.strict_json import JsonValue
from verifier.answers import Step, StepRefusal, accepted_or_unknown
from verifier.evidence import AuthenticCredential, AuthenticPresentation, PolicyApplied, Standing
from verifier.policies.model import FundsRule, IdentityRule, JointRule

CLOCK_SKEW = timedelta(seconds=60)


def apply_policy(standing: Standing) -> PolicyApplied:
    """What the policy says about what was shown.

    Raises:
        Rejected: a rule is not met; the first reason found.
    """
    policy = standing.fraud_checked.presentation.policy
    facts: dict[str, JsonValue] = {
        "policy": policy.policy.name,
        "version": policy.policy.version,
        "policy_sha256": policy.sha256.hex(),
    }
    try:
        doubts = _judge(standing.fraud_checked.presentation, facts)
    except Rejected as refusal:
        raise StepRefusal(refusal, facts) from refusal
    return PolicyApplied(standing, accepted_or_unknown(Step.POLICY, doubts, facts=facts))


def _judge(presentation: AuthenticPresentation, facts: dict[str, JsonValue]) -> list[Reason]:
    """What could not be told; ``facts`` are filled on the way."""
    rules = presentation.policy.policy.rules
    # 1. Nothing is missing.
    _require_complete(presentation)
    by_query = {credential.query_id: credential for credential in presentation.credentials}
    identity, funds = by_query[rules.identity.query], by_query[rules.funds.query]
    # 2. The figures.
    as_of = _read_as_of(funds, rules.funds, presentation.presented_at)
    facts["as_of"] = as_of.isoformat()
    facts["as_of_age_seconds"] = int((presentation.presented_at - as_of).total_seconds())
    if presentation.presented_at - as_of > rules.funds.as_of_max_age:
        raise Rejected(
            Reason.AS_OF_TOO_OLD, f"expected figures of at most {rules.funds.as_of_max_age_days} days of age"
        )
    _require_thresholds(funds, rules.funds)
    doubts = _joint_doubts(funds, rules.funds)
    # 3. The document and the person.
    _require_document(identity, rules.identity, presentation.presented_at.date())
    # 4. The same person.
    names = [_text(identity, rules.identity.name), _text(funds, rules.funds.holder_name)]
    if presentation.application.applicant_name is not None:
        names.append(presentation.application.applicant_name)
    doubts += _same_person_doubts(presentation.credentials, names)
    # 5. No account twice.
    _require_distinct(presentation.credentials)
    return doubts


def _require_complete(presentation: AuthenticPresentation) -> None:
    thresholds = {
        (presentation.policy.policy.rules.funds.query, path)
        for path in presentation.policy.policy.rules.funds.thresholds
    }
    # First what every such credential has: who shows less than was asked is told so, and not that the money is too little.
    for query_id, path in sorted(presentation.missing - thresholds):
        raise Rejected(
            Reason.CLAIM_MISSING, f"expected claim {'.'.join(path)} in the credential for {query_id}"
        )
    if presentation.missing:
        raise Rejected(Reason.THRESHOLD_NOT_MET, "expected every threshold that the policy asks for")


def _read_as_of(funds: AuthenticCredential, rule: FundsRule, now: datetime) -> datetime:
    try:
        as_of = datetime.fromisoformat(_text(funds, rule.as_of))
    except ValueError as error:
        raise _wrong(rule.as_of, "a time") from error
    if as_of.tzinfo is None:
        raise _wrong(rule.as_of, "a time with its zone")
    if as_of > now + CLOCK_SKEW:
        raise _wrong(rule.as_of, "a time that has come")
    return as_of


def _require_thresholds(funds: AuthenticCredential, rule: FundsRule) -> None:
    for path in rule.thresholds:
        if _claim(funds, path) is not True:
            raise Rejected(Reason.THRESHOLD_NOT_MET, "expected every threshold to be met")


def _joint_doubts(funds: AuthenticCredential, rule: FundsRule) -> list[Reason]:
    """Thresholds count a joint account whole: how much of it is the holder's they do not say."""
    if rule.any_joint is None:
        return []
    joint = _claim(funds, rule.any_joint)
    if not isinstance(joint, bool):
        raise _wrong(rule.any_joint, "true or false")
    if joint and rule.joint_accounts is JointRule.REFUSE:
        raise Rejected(Reason.JOINT_ACCOUNT_NOT_ALLOWED, "expected no account with another owner")
    return [Reason.JOINT_ACCOUNT] if joint else []


def _require_document(identity: AuthenticCredential, rule: IdentityRule, today: date) -> None:
    if _date(identity, rule.document_expiry) < today:
        raise Rejected(Reason.DOCUMENT_EXPIRED, "expected a document that has not expired")
    born = _date(identity, rule.birth_date)
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    age = today.year - born.year - (0 if had_birthday else 1)
    if age < rule.minimum_age_years:
        raise Rejected(
            Reason.HOLDER_UNDER_AGE, f"expected a holder of at least {rule.minimum_age_years} years"
        )


def _same_person_doubts(credentials: Sequence[AuthenticCredential], names: Sequence[str]) -> list[Reason]:
    """One key for all and equal names are the same person; a person judges what differs."""
    doubts: list[Reason] = []
    if len({credential.holder_key for credential in credentials}) != 1:
        doubts.append(Reason.SAME_PERSON_UNCLEAR)
    if len({comparable_name(name) for name in names}) != 1:
        doubts.append(Reason.NAMES_DIFFER)
    return doubts


def comparable_name(name: str) -> str:
    """A Latin name without the differences that printing makes: case, spacing, hyphens, commas, full-width letters.

    Order and romanisation stay: whether "LIN, YU-CHEN" is "YU CHEN LIN" is for a person to say.
    """
    letters = unicodedata.normalize("NFKC", name).upper()
    spaced = "".join(" " if unicodedata.category(letter)[0] in "PZ" else letter for letter in letters)
    return " ".join(spaced.split())


def _require_distinct(credentials: Sequence[AuthenticCredential]) -> None:
    hashes = [credential.credential_hash for credential in credentials]
    handles = [str(credential.fraud.handle) for credential in credentials if credential.fraud is not None]
    if len(set(hashes)) != len(hashes) or len(set(handles)) != len(handles):
        raise Rejected(Reason.ACCOUNT_COUNTED_TWICE, "expected every proof once")


def _claim(credential: AuthenticCredential, path: tuple[str, ...]) -> JsonValue:
    value: JsonValue = credential.claims
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(credential: AuthenticCredential, path: tuple[str, ...]) -> str:
    value = _claim(credential, path)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, "text")
    return value


def _date(credential: AuthenticCredential, path: tuple[str, ...]) -> date:
    try:
        return date.fromisoformat(_text(credential, path))
    except ValueError as error:
        raise _wrong(path, "a date") from error


def _wrong(path: tuple[str, ...], expected: str) -> Rejected:
    return Rejected(Reason.SCHEMA_INVALID, f"claim {'.'.join(path)}: expected {expected}")
