"""Where we may connect: https to public addresses, and what the settings list by name (threat T22).

The rule is applied twice: to the URL before anything is resolved, and to every address the resolver gave, in the
moment of connecting. The connection goes to a checked address, so a name that changes its mind in between
(rebinding) changes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from outbound.origins import Origin, OriginRule, Target
from passport.errors import Reason, Rejected

_HTTPS_PORT = 443
# The only part of IPv6 in ordinary use on the public network; 6to4 and Teredo inside it wrap IPv4 addresses,
# as do the mapped and NAT64 ranges outside it, and could smuggle a private one past the check.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_WRAPPING = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """Which origins may be reached in spite of the general rule; by default none."""

    allowed: OriginRule = field(default_factory=frozenset)

    def check_target(self, target: Target) -> None:
        """Refuse a URL that the rule forbids whatever its name resolves to.

        Raises:
            Rejected: plain http, or an unusual port, at an origin that is not listed.
        """
        origin = target.origin
        if origin in self.allowed:
            return
        if origin.scheme != "https":
            raise Rejected(Reason.DESTINATION_NOT_ALLOWED, f"expected https, got {origin.scheme}: {origin}")
        if origin.port != _HTTPS_PORT:
            raise Rejected(Reason.DESTINATION_NOT_ALLOWED, f"expected port 443 at {origin}")
        if origin.address is not None:
            self.check_addresses(origin, [origin.host])

    def check_addresses(self, origin: Origin, addresses: Sequence[str]) -> None:
        """Refuse a host if any of its addresses is not public.

        Raises:
            Rejected: one of the addresses is private, local, reserved or multicast.
        """
        if origin in self.allowed:
            return
        if not addresses or not all(is_public(address) for address in addresses):
            raise Rejected(
                Reason.DESTINATION_NOT_ALLOWED,
                f"expected {origin.host} to have public addresses only, and at least one",
            )


def is_public(address: str) -> bool:
    """Whether an address text is a unicast address of the public network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved
    return (
        parsed in _GLOBAL_UNICAST and parsed.is_global and not any(parsed in network for network in _WRAPPING)
    )
