"""A world that runs: made, started, described in ``sandbox.json``, and stopped again."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from passport.errors import Misconfigured
from sandbox import services
from sandbox.accreditation import Accreditation, accredit
from sandbox.clean_room import HubDesks, feed_hub
from sandbox.core_banking import (
    SignIn,
    new_sign_in,
    write_bank_file,
    write_empty_bank_file,
    write_officer_tokens,
    write_officers,
)
from sandbox.installation import CHAIN_ID, Installation
from sandbox.kept import KEPT_FILE, find_kept, keep
from sandbox.processes import Child, naming_who_ended, stop_all, taken
from sandbox.world import ACCOUNTS, BANK_X, TRANSFERS, World, world_of_today

WORLD_FILE = "sandbox.json"
Say = Callable[[str], None]


def _silent(_line: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class StandingWorld:
    """Everything a journey or a command needs of a running world."""

    installation: Installation
    world: World
    accreditation: Accreditation
    sign_in: SignIn
    children: dict[str, Child] = field(default_factory=dict)

    def describe(self) -> dict[str, object]:
        """What ``sandbox.json`` says: public facts, and where each party's own people find their secret."""
        did = self.accreditation.dids
        place = self.installation

        def relative(path: Path) -> str:
            return str(path.relative_to(place.root))

        return {
            "rpc_url": place.rpc_url,
            "chain_id": CHAIN_ID,
            "contracts": {name: str(address) for name, address in self.accreditation.contracts.items()},
            "trust_roots": relative(place.trust_roots),
            "bank_a": {
                "url": place.bank_a.base_url,
                "did": str(did["bank_a"]),
                "secret_file": relative(place.token("bank_a")),
                "officers_directory": relative(place.officers),
            },
            "bank_x": {
                "url": place.bank_x.base_url,
                "did": str(did["bank_x"]),
                "secret_file": relative(place.token("bank_x")),
                "officers_directory": relative(place.bank_x_officers),
            },
            "hub": {"url": place.hub.base_url, "did": str(did["hub"])},
        }


@contextmanager
def standing_world(
    root: Path, *, say: Say = _silent, accounts: int = ACCOUNTS, transfers: int = TRANSFERS
) -> Iterator[StandingWorld]:
    """Make a world under ``root``, or go on with the one made there; start its processes, stop them at the end.

    ``accounts`` and ``transfers`` may be fewer where a test needs no crowd; the customers are the same.

    Raises:
        Misconfigured: a process did not start; the message carries its last words.
    """
    children: list[Child] = []

    def start(child: Child) -> Child:
        children.append(child)
        child.start()
        return child

    with _one_world_only(root):
        try:
            world = world_of_today(accounts=accounts, transfers=transfers)
            kept = find_kept(root)
            installation = Installation.choose(root) if kept is None else kept[0]
            require_free_ports(installation)
            say("ledger: an embedded chain behind its gateway ...")
            start(services.ledger_gateway(installation)).wait_until_ready()
            if kept is None:
                say("registrar: contracts, root certificate and grants ...")
                made = (installation, accredit(installation, with_hub=True), new_sign_in(world))
            _, accreditation, sign_in = kept or made
            write_bank_file(installation.bank_file, world, sign_in)
            write_officer_tokens(installation.officers)
            write_officers(installation.bank_x_officers_file)
            write_officer_tokens(installation.bank_x_officers)
            write_empty_bank_file(installation.bank_x_file, BANK_X, world)
            say("hub, bank A and bank X ...")
            started = [
                start(services.hub(installation, accreditation)),
                start(services.bank_a(installation, accreditation, hub=True)),
                start(services.bank_x(installation, accreditation, hub=True)),
                start(services.bank_x_issuer(installation, accreditation)),
            ]
            for child in started:
                child.wait_until_ready()
            if kept is None:
                with naming_who_ended(children):
                    feed_hub(HubDesks(installation, accreditation), world, say)
                keep(*made)
            standing = StandingWorld(installation, world, accreditation, sign_in)
            standing.children.update({child.name: child for child in children})
            write_atomically(installation.root / WORLD_FILE, json.dumps(standing.describe(), indent=2) + "\n")
            yield standing
        finally:
            (root / WORLD_FILE).unlink(missing_ok=True)
            stop_all(children)


def require_free_ports(installation: Installation) -> None:
    """Refuse to start where another program has a port of this world's: it is in addresses that the ledger holds.

    Raises:
        Misconfigured: which port, and what to do.
    """
    busy = {name: port for name, port in installation.ports().items() if taken(port)}
    if busy:
        named = ", ".join(f"{port} ({name})" for name, port in busy.items())
        one = next(iter(busy.values()))
        raise Misconfigured(
            f"expected this world's ports to be free, and another program listens on {named}. End that program "
            f"(`ss -ltnp 'sport = :{one}'` names it) and start again. Or remove {installation.root} to make a new world "
            "with ports of its own; wallets of the old one do not match the new, so make new wallets as well"
        )


@contextmanager
def _one_world_only(root: Path) -> Iterator[None]:
    """Hold the directory: two worlds in one would take each other's ports. A killed world holds nothing.

    Raises:
        Misconfigured: a world is up there.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"a world is up in {root} already: use it, or end it with Ctrl-C there"
            ) from None
        if not (root / KEPT_FILE).exists():
            # An earlier start was interrupted while making it; only what a start makes is removed.
            for name in Installation.DIRECTORIES:
                shutil.rmtree(root / name, ignore_errors=True)
        yield


def write_atomically(path: Path, text: str) -> None:
    """All or nothing: readers see the old file or the new one."""
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)
