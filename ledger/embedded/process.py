"""anvil as a child: reached over a Unix socket of ours alone, in a network namespace of its own where allowed.

anvil opens a TCP port whatever one asks, and over it anyone may rewrite any contract's storage. In a namespace with
no interface up that port leads nowhere (what ``unshare -rn`` does, done here in the child, so that the child can
also be told to die with us). Where namespaces are not allowed the port is a random one on loopback, and the gateway
says so at its start.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.embedded.journal import Genesis
from passport.errors import Misconfigured

HARDFORK: Final = "prague"
SOCKET_NAME: Final = "anvil.ipc"
_STATE_NAME: Final = "state.json"
STATES_KEPT: Final = 64
"""How many of the newest blocks' states can be called or proved against; blocks and logs are all kept."""
NEW_USER_AND_NETWORK: Final = 0x10000000 | 0x40000000
"""``CLONE_NEWUSER | CLONE_NEWNET`` of unshare(2)."""
_PR_SET_PDEATHSIG: Final = 1
_PLATFORMS: Final = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class ChainProcess:
    """A running anvil, the folder that holds its socket, and whether it has a network namespace of its own."""

    process: subprocess.Popen[bytes]
    folder: Path
    isolated: bool

    def last_words(self) -> str:
        """The end of what it said on its error output."""
        log = self.folder / "anvil.log"
        return log.read_text(errors="replace")[-500:].strip() if log.exists() else ""

    def forget_state(self) -> None:
        """Take away the file of the state that it was started with and has read."""
        (self.folder / _STATE_NAME).unlink(missing_ok=True)

    def stop(self) -> None:
        """End it and remove its socket; the journal is the record, so nothing needs saving."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def default_anvil() -> Path:
    """Where the pinned npm package puts the binary."""
    package = f"anvil-linux-{_PLATFORMS.get(platform.machine(), platform.machine())}"
    root = Path(__file__).resolve().parents[2]
    return root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"


def start_chain(
    anvil: Path,
    folder: Path,
    genesis: Genesis,
    namespaces: int = NEW_USER_AND_NETWORK,
    *,
    state: bytes | None = None,
) -> ChainProcess:
    """Start anvil at ``genesis``, or with a ``state`` in JSON, with its socket in ``folder`` (made anew, for us alone).

    Raises:
        Misconfigured: the binary is missing or does not start.
    """
    if not os.access(anvil, os.X_OK):
        raise Misconfigured(
            f"expected the chain's binary at {anvil}; `make env` installs it, or set LEDGER_ANVIL"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    command = [
        *(str(anvil), "--no-mining", "--accounts", "0", "--base-fee", "0", "--gas-price", "0"),
        *("--chain-id", str(genesis.chain_id), "--timestamp", str(genesis.timestamp)),
        *(
            "--hardfork",
            genesis.hardfork,
            "--quiet",
            # Older states would go to disk, each whole: half a megabyte a block after a thousand blocks.
            "--prune-history",
            str(STATES_KEPT),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--ipc",
            SOCKET_NAME,
        ),
    ]
    if state is not None:
        # From a file: over the socket (anvil_loadState) the time grows with the square, 33 s for 41 MB against 0.4 s.
        path = folder.resolve() / _STATE_NAME
        path.touch(mode=0o600)
        path.write_bytes(state)
        command += ["--load-state", str(path)]
    try:
        return ChainProcess(_spawn(command, folder, _child_setup(namespaces)), folder, isolated=True)
    except subprocess.SubprocessError:
        # The setup in the child failed: this machine allows no namespaces.
        return ChainProcess(_spawn(command, folder, _child_setup(0)), folder, isolated=False)


def _spawn(command: list[str], folder: Path, setup: Callable[[], None]) -> subprocess.Popen[bytes]:
    environment = {"HOME": str(folder.resolve()), "PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    with open(folder / "anvil.log", "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        return subprocess.Popen(  # noqa: S603 - a path from settings, and arguments made above
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Control-C is for the gateway, which then stops the chain.
            umask=0o077,
            preexec_fn=setup,  # noqa: PLW1509 - runs before any thread of this process exists
        )


def _child_setup(namespaces: int) -> Callable[[], None]:
    """What the child does between fork and exec; libraries are loaded before the fork."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group, parent = os.geteuid(), os.getegid(), os.getpid()

    def write(path: str, text: str) -> None:
        descriptor = os.open(path, os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)

    def setup() -> None:
        if namespaces:
            if libc.unshare(namespaces) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            # Without a mapping the child could create no file, its socket among them.
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", f"0 {user} 1")
            write("/proc/self/gid_map", f"0 {group} 1")
        # After the namespace, since gaining its capabilities clears this: a killed gateway leaves no chain behind.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # It was killed before it could ask for that.

    return setup
