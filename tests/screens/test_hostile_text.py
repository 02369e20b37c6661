"""Text of strangers on the screen (threat T26): it is drawn as text, and moves, colours and hides nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from holder.directory import Participant
from tests.simulators.hostile_wallet import EVIL, hostile_wallet
from tests.simulators.keyboard import OpenApp
from tests.simulators.wallet_front import OFFER, PASSPHRASE, REQUEST
from wallet_tui.phrases import Phrase, safe_lines

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# What Textual itself sends: CSI sequences and the pointer's shape. Once those are gone there is text and line ends.
POINTER = re.compile(rb"\x1b\]22;[a-z-]*\x07")
OWN = re.compile(rb"\x1b(?:\[[0-9;:?<>=]*[ !\"$']?[@-~]|[78=>])")


def test_a_phrase_from_outside_has_no_control_left() -> None:
    assert not CONTROLS.search(Phrase.outside(EVIL).en)
    assert not CONTROLS.search(safe_lines(EVIL).replace("\n", ""))


@pytest.mark.parametrize("keys", ["", "a", "p", "h", "enter"])
async def test_no_screen_draws_a_control_and_brackets_stay_brackets(at_keyboard: OpenApp, keys: str) -> None:
    async with at_keyboard(hostile_wallet(), size=(160, 60)) as person:
        if keys:
            await person.press(keys)
        if keys == "a":
            await person.paste(OFFER)
        if keys == "p":
            await person.paste(REQUEST)
        if keys == "h":
            assert "[bold red]" in person.reads
            await person.press("enter")
        assert "[bold red]" in person.reads
        assert "EVIL" in person.reads
        assert not CONTROLS.search(person.reads.replace("\n", ""))
        drawn = (
            person.app.screen.query("#body")
            .first()
            .render_lines(person.app.screen.query("#body").first().size.region)
        )
        assert not CONTROLS.search("".join(strip.text for strip in drawn))


async def test_a_look_alike_host_is_shown_in_its_raw_form(at_keyboard: OpenApp) -> None:
    wallet = hostile_wallet()
    view = wallet.offer
    raw = "https://xn--bnk-a-example-9ib.example"
    participant = view.accredited.participant
    wallet.offer = replace(
        view,
        issuer_url=raw,
        accredited=replace(
            view.accredited,
            participant=Participant(participant.did, participant.grants, (), {"OpenID4VCI": raw}),
        ),
    )
    async with at_keyboard(wallet) as person:
        await person.press("a")
        await person.paste(OFFER)
        assert raw in person.reads


def test_no_control_bytes_reach_terminal() -> None:
    """The whole program in a terminal: every byte that it writes, while it shows hostile text on every screen."""
    with running() as (terminal, process):
        terminal.until("Your passphrase")
        terminal.type(f"{PASSPHRASE}\r", "copies unused")
        terminal.type("\r", "Who has seen each copy")
        terminal.type("\x1b", "Your credentials")
        terminal.type("h", "· delivered")
        terminal.type("\r", "signed by your wallet")
        terminal.type("\x1b", "History")
        terminal.type("\x1b", "Your credentials")
        terminal.type("a", "Paste the offer")
        terminal.type(f"{OFFER}\r", "accredited on the ledger")
        terminal.type("\x1b", "Your credentials")
        terminal.type("p", "Paste the request")
        terminal.type(f"{REQUEST}\r", "Do you agree")
        terminal.type("\x1b", "Your credentials")
        terminal.type("q", None)
        assert process.wait(timeout=30) == 0
    seen = POINTER.sub(b"", bytes(terminal.seen))
    assert b"EVIL" in seen
    for hostile in (
        b"\x1b]",
        b"\x1bP",
        b"\x07",
        b"\xc2\x9b",
        b"\xe2\x80\xae",
        b"\xe2\x80\x8b",
        b"\xe2\x81\xa6",
    ):
        assert hostile not in seen, hostile
    left = OWN.sub(b"", seen).decode("utf-8")
    assert not CONTROLS.search(left.replace("\r", "").replace("\n", "")), left[:200]


def test_a_fault_of_the_screen_spills_no_passphrase() -> None:
    """Textual's own report of a crash prints local variables."""
    with running("faulty") as (terminal, process):
        terminal.until("Your passphrase")
        terminal.type(f"{PASSPHRASE}\r", None)
        assert process.wait(timeout=30) == 1
    assert PASSPHRASE.encode() not in terminal.seen
    assert b"Traceback" not in terminal.seen


@contextmanager
def running(*arguments: str) -> Iterator[tuple[_Terminal, subprocess.Popen[bytes]]]:
    """The program in a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40", "LANG": "C.UTF-8"}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.simulators.hostile_wallet", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield _Terminal(ours), process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)


class _Terminal:
    """Our end of a terminal: what was written to it, and typing after it says something."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.seen = bytearray()

    def type(self, text: str, then: str | None) -> None:
        mark = len(self.seen)
        os.write(self.descriptor, text.encode())
        if then is None:
            self._read(lambda: False, 20, ended_ok=True)
        else:
            self.until(then, mark)

    def until(self, words: str, mark: int = 0) -> None:
        """Only what changed is drawn, so words are looked for without the sequences between them."""
        wanted = "".join(words.split())
        self._read(
            lambda: (
                wanted
                in "".join(
                    OWN.sub(b"", POINTER.sub(b"", bytes(self.seen[mark:]))).decode("utf-8", "ignore").split()
                )
            ),
            60,
        )

    def _read(self, enough: Callable[[], bool], seconds: float, *, ended_ok: bool = False) -> None:
        end = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < end, OWN.sub(b"", bytes(self.seen))[-400:]
            if not select.select([self.descriptor], [], [], 0.2)[0]:
                continue
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:
                got = b""
            if not got:
                assert ended_ok, "the program ended"
                return
            self.seen += got
