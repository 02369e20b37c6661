"""Who may hold a connection, and how long: limits that hold before a request is there to be judged.

A connection always waits for somebody. While it waits for its peer (the first byte, the rest of a header, a body, a next
request, an answer to be read) a deadline runs; while it waits for us none does. When all places are taken, the one that
has waited longest for its peer gives way to who comes next: of the newcomer's own address, if that has its share of
places or more, else of all. A request whose body does not come gives way likewise to the next request. So silent connections close a service to nobody, from many addresses or from one.

An address is the peer's; behind a configured proxy, and behind no other, the one that the proxy says. Loopback and such
proxies have no share of their own, since everybody may stand behind them: there the deadlines decide. Health questions
are answered on a few places that nobody else may use. Leaves out what a request says: ``service.http_protocol`` reads
it, and admission (``service.admission``) judges it. The ledger's gateway stands on these two modules as well.
"""

from __future__ import annotations

import asyncio
import ipaddress
import resource
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final, Protocol

HEALTH_PATHS: Final = frozenset({b"/health/live", b"/health/ready"})
_SWEEP_SECONDS: Final = 0.5
_TOLD_SECONDS: Final = 10.0
_MOST_DESCRIPTORS: Final = 8192
_DESCRIPTORS_FOR_OTHERS: Final = 256
_FEWEST: Final = 8
_IPV6_OF_ONE_CUSTOMER: Final = 64
_MOST_FORWARDED: Final = 8

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Tell = Callable[[str, int], None]
"""Told now and then how many connections were ended for which reason."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one peer may cost before its request is read, and all of them together."""

    header_bytes: int = 32 * 1024
    header_lines: int = 100
    first_byte_seconds: float = 10.0
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 5.0
    unread_seconds: float = 30.0
    closing_seconds: float = 2.0
    connections: int = 2048
    requests: int = 1024
    """How many requests may be under way; what is refused here is refused before anything of it is read."""
    spare: int = 16
    """How many connections there may be above the others, on which health questions alone are answered."""
    pipelined: int = 8


class Phase(Enum):
    """Whom a connection waits for: us (``OURS``), or its peer for one of these reasons."""

    OURS = auto()
    FIRST_BYTE = auto()
    HEADER = auto()
    BODY = auto()
    """The rest of a body that the request waits for."""
    REST = auto()
    """The rest of a body whose request is answered already."""
    IDLE = auto()
    UNREAD = auto()
    CLOSING = auto()


class Held(Protocol):
    """A connection, as its holder sees it."""

    def expire(self, phase: Phase) -> None:
        """The peer has kept us waiting too long in ``phase``."""

    def give_way(self) -> None:
        """End at once."""


@dataclass(slots=True)
class Place:
    """One connection's place."""

    held: Held
    address: str
    limited: bool
    spare: bool = False
    phase: Phase = Phase.OURS
    waited: float = 0.0


@dataclass(slots=True)
class _Address:
    places: int = 0
    waiting: OrderedDict[int, Place] = field(default_factory=OrderedDict)


class Proxies:
    """The proxies whose word about the address of a caller counts."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take addresses and networks. Raises ``ValueError`` for what is neither."""
        self._networks: tuple[IpNetwork, ...] = tuple(ipaddress.ip_network(one) for one in networks)

    def has(self, address: str) -> bool:
        """Whether a peer is one of them."""
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)

    def caller(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """Who called: the peer, or behind a proxy of ours the last address in ``X-Forwarded-For`` that is no proxy of ours.

        What stands further left was written by the caller itself.
        """
        if not self._networks or not self.has(peer):
            return peer
        said = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        for one in reversed(said.split(",")[-_MOST_FORWARDED:]):
            address = one.strip()
            if _parsed(address) is None:
                break
            if not self.has(address):
                return address
        return peer


class Connections:
    """Every connection of one server."""

    def __init__(self, limits: ConnectionLimits, proxies: Proxies, tell: Tell) -> None:
        """Hold none yet."""
        self.limits = limits
        self.proxies = proxies
        self._tell = tell
        self._deadlines = {
            Phase.FIRST_BYTE: limits.first_byte_seconds,
            Phase.HEADER: limits.header_seconds,
            Phase.BODY: limits.body_seconds,
            Phase.REST: limits.body_seconds,
            Phase.IDLE: limits.idle_seconds,
            Phase.UNREAD: limits.unread_seconds,
            Phase.CLOSING: limits.closing_seconds,
        }
        self._addresses: dict[str, _Address] = {}
        self._waiting: OrderedDict[int, Place] = OrderedDict()
        self._bodies: OrderedDict[int, Place] = OrderedDict()
        self._places: set[int] = set()
        self._spare: OrderedDict[int, Place] = OrderedDict()
        self._calling: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._places)

    @property
    def share(self) -> int:
        """How many places or requests one address may have that nobody shares."""
        return max(_FEWEST, self.limits.connections // 4)

    def arrive(self, held: Held, peer: str) -> Place:
        """Give a new connection a place; where there is none, the one that has waited longest gives way."""
        limited = not is_shared(peer) and not self.proxies.has(peer)
        place = Place(held, share_of(peer), limited)
        address = self._addresses.setdefault(place.address, _Address())
        if place.limited and address.places >= self.share:
            place.spare = not self._make_room(address.waiting, "of_one_address")
        elif len(self._places) - len(self._spare) >= self.limits.connections:
            place.spare = not self._make_room(self._waiting, "too_many")
        if place.spare:
            if len(self._spare) >= self.limits.spare:
                self._evict(next(iter(self._spare.values())), "too_many")
            self._spare[id(place)] = place
        address = self._addresses.setdefault(place.address, _Address())
        address.places += 1
        self._places.add(id(place))
        self.move(place, Phase.FIRST_BYTE)
        return place

    def move(self, place: Place, phase: Phase) -> None:
        """Note whom a connection waits for now."""
        if id(place) not in self._places or phase is place.phase:
            return
        waiting = self._addresses[place.address].waiting
        if place.phase is not Phase.OURS:
            self._waiting.pop(id(place), None)
            self._bodies.pop(id(place), None)
            waiting.pop(id(place), None)
        place.phase, place.waited = phase, 0.0
        if phase is not Phase.OURS:
            self._waiting[id(place)] = place
            waiting[id(place)] = place
            if phase is Phase.BODY:
                self._bodies[id(place)] = place
            if not self._sweeping:
                self._sweeping = True
                asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def leave(self, place: Place) -> None:
        """Take a place back; a second time changes nothing."""
        if id(place) not in self._places:
            return
        self.move(place, Phase.OURS)
        self._places.remove(id(place))
        self._spare.pop(id(place), None)
        address = self._addresses[place.address]
        address.places -= 1
        if not address.places:
            del self._addresses[place.address]

    def begin(self, place: Place, caller: str, under_way: int, *, health: bool) -> bool:
        """Whether a request may go in; either way ``end`` follows.

        Where as many are under way as may be, the one whose body has been awaited longest gives way, as with places.
        """
        self._calling[caller] += 1
        if health:
            return True
        if place.spare:
            return False
        shared = is_shared(caller) or self.proxies.has(caller)
        if not shared and self._calling[caller] > self.share:
            own = self._addresses.get(place.address) if place.limited else None
            return own is not None and self._end_a_body(own.waiting)
        return under_way < self.limits.requests or self._end_a_body(self._bodies)

    def end(self, caller: str) -> None:
        """A request is answered, or its connection is gone."""
        self._calling[caller] -= 1
        if self._calling[caller] <= 0:
            del self._calling[caller]

    def count(self, reason: str) -> None:
        """Note that a connection was ended or a request refused; told together, so that no stranger fills a log."""
        if not self._ended:
            asyncio.get_running_loop().call_later(_TOLD_SECONDS, self._tell_all)
        self._ended[reason] += 1

    def _make_room(self, waiting: OrderedDict[int, Place], reason: str) -> bool:
        for one in waiting.values():
            if not one.spare:
                self._evict(one, reason)
                return True
        return False

    def _end_a_body(self, waiting: OrderedDict[int, Place]) -> bool:
        for one in waiting.values():
            if one.phase is Phase.BODY:
                self._evict(one, "slow_body")
                return True
        return False

    def _evict(self, place: Place, reason: str) -> None:
        self.leave(place)
        self.count(reason)
        place.held.give_way()

    def _sweep(self) -> None:
        """A deadline counts these looks and not the clock: where this process stood still, its peers are not to blame."""
        for place in list(self._waiting.values()):
            place.waited += _SWEEP_SECONDS
            if place.waited >= self._deadlines[place.phase]:
                self.count(f"late_{place.phase.name.lower()}" if place.phase is not Phase.IDLE else "idle")
                place.held.expire(place.phase)
        self._sweeping = bool(self._waiting)
        if self._sweeping:
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _tell_all(self) -> None:
        for reason, count in self._ended.items():
            if reason != "idle":
                self._tell(reason, count)
        self._ended.clear()


def is_shared(address: str) -> bool:
    """Whether anybody may stand behind an address: loopback, or none at all."""
    found = _parsed(address)
    return found is None or found.is_loopback


def share_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of one customer, who has as many addresses as there are."""
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_OF_ONE_CUSTOMER), strict=False))
    return address


def within_descriptors(limits: ConnectionLimits) -> ConnectionLimits:
    """Limits that this process has file descriptors for; takes as many as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    usable = max(_FEWEST, soft - _DESCRIPTORS_FOR_OTHERS, soft // 2)
    return replace(limits, connections=min(limits.connections, usable))


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
