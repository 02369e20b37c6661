"""Why a chain has no path, in words of its own for each cause; the library that judges says less, and in its own terms.

Nothing here decides: it is asked once the path is refused, so a cause that it misses costs a word and lets nothing in.
A certificate is named by its place in ``x5c``, where the leaf is the first; names inside it are its maker's, and stay out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from passport.errors import Reason, Rejected
from passport.x509.policies import check_extensions, refusal

_MOST_WORDS: Final = 160


def why_refused(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime, said: str
) -> Rejected:
    """What is wrong with a chain, leaf first, that has no path to ``roots``; ``said`` are the library's words."""
    # 1. Who signed whom, and up to a root of ours.
    for place, (lower, upper) in enumerate(pairwise(chain), 1):
        if (fault := _not_issued(lower, upper)) is not None:
            return refusal(f"certificate {place} of x5c to be signed by the next: {fault}")
    root = next((one for one in roots if _not_issued(chain[-1], one) is None), None)
    if root is None:
        same_name = any(one.subject == chain[-1].issuer for one in roots)
        other = "one of the same name by another key" if same_name else "one to another"
        return Rejected(Reason.CERTIFICATE_NOT_TRUSTED, f"expected a chain to a pinned root, got {other}")
    # 2. Each certificate by itself, from the leaf upwards.
    path = [*chain, root]
    for place, certificate in enumerate(path, 1):
        which = "the pinned root" if place == len(path) else f"certificate {place} of x5c"
        for fault in _faults(certificate, place - 1, at):
            return refusal(f"{which} to {fault}")
        try:
            check_extensions(certificate, which)
        except Rejected as found:
            return found
    # 3. What only the path as a whole can break: names outside a constraint.
    if any(isinstance(each.value, x509.NameConstraints) for one in path for each in one.extensions):
        return refusal("host names within the name constraints of every authority")
    words = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in said)
    return refusal(f"a path that follows RFC 5280 section 6.1; the check said: {words[:_MOST_WORDS]}")


def _not_issued(lower: x509.Certificate, upper: x509.Certificate) -> str | None:
    if lower.issuer != upper.subject:
        return "it names another issuer"
    try:
        lower.verify_directly_issued_by(upper)
    except InvalidSignature:
        return "the signature does not verify with that key"
    except (ValueError, TypeError):
        return "the signature cannot be checked with that key"
    return None


def _faults(certificate: x509.Certificate, authorities_below: int, at: datetime) -> Iterator[str]:
    """What is wrong with one certificate; ``authorities_below`` counts those between it and the leaf, and the leaf as 1."""
    if at > certificate.not_valid_after_utc:
        yield f"be valid at {_time(at)}, got one that expired at {_time(certificate.not_valid_after_utc)}"
    if at < certificate.not_valid_before_utc:
        yield f"be valid at {_time(at)}, got one that is valid from {_time(certificate.not_valid_before_utc)} on"
    found = {type(each.value): each.value for each in certificate.extensions}
    usage, constraints = found.get(x509.KeyUsage), found.get(x509.BasicConstraints)
    authority = isinstance(constraints, x509.BasicConstraints) and constraints.ca
    signs = isinstance(usage, x509.KeyUsage)
    if not signs:
        yield "have a key usage"
    if authorities_below == 0:
        yield from _leaf_faults(found, usage, authority=authority)
        return
    if not authority:
        yield "be an authority: basicConstraints with cA"
    if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
        yield "allow signing certificates: key usage with keyCertSign"
    length = constraints.path_length if isinstance(constraints, x509.BasicConstraints) else None
    if length is not None and authorities_below - 1 > length:
        yield f"admit a path of {authorities_below - 1} authorities below it, got a path length of {length}"
    yield from _use_faults(found)


def _leaf_faults(
    found: dict[type[x509.ExtensionType], x509.ExtensionType],
    usage: x509.ExtensionType | None,
    *,
    authority: bool,
) -> Iterator[str]:
    if authority:
        yield "be no authority, as it is the leaf"
    if isinstance(usage, x509.KeyUsage) and (not usage.digital_signature or usage.key_cert_sign):
        yield "be for signing messages alone: key usage with digitalSignature and without keyCertSign"
    if x509.SubjectAlternativeName not in found:
        yield "have alternative names"
    yield from _use_faults(found)


def _use_faults(found: dict[type[x509.ExtensionType], x509.ExtensionType]) -> Iterator[str]:
    uses = found.get(x509.ExtendedKeyUsage)
    if isinstance(uses, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in uses:
        yield "admit any extended key usage, or to name none"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
