"""Ctrl-C, and readers that leave: what a person reads then is true, and in both languages."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.simulators.wallet_front import REQUEST

CANCELLED = "passport: cancelled; nothing was sent / 已取消，未送出任何資料"
SIMULATED = """
import sys
from contextlib import nullcontext
import cli.wallet
from cli.program import run
from tests.simulators.wallet_front import SimulatedWallet
wallet = SimulatedWallet()
cli.wallet.open_for = lambda *_: nullcontext(wallet)
code = run(sys.argv[1:])
print("PRESENTED" if wallet.asked("present") else "KEPT", file=sys.stderr)
sys.exit(code)
"""


class Terminal:
    """A command with a terminal of its own; what it says, and keys for it."""

    def __init__(self, command: Sequence[str], folder: Path, **more: str) -> None:
        main, side = pty.openpty()
        (folder / "world.json").write_text("{}")
        kept = {name: value for name, value in os.environ.items() if name != "PASSPORT_WALLET_PASSPHRASE"}
        self._main = main
        self.said = ""
        self.running = subprocess.Popen(  # noqa: S603 - our own program
            command,
            env={
                **kept,
                "PYTHONIOENCODING": "utf-8",
                "PYTHONUTF8": "1",
                "PASSPORT_WALLET": str(folder / "wallet"),
                "PASSPORT_WORLD": str(folder / "world.json"),
                "XDG_STATE_HOME": str(folder / "state"),
                **more,
            },
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
            preexec_fn=lambda: _take_terminal(side),  # noqa: PLW1509 - Ctrl-C needs a controlling terminal
        )
        os.close(side)

    def until(self, words: str) -> None:
        while words not in self.said:
            assert self._read(), self.said

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._main)
        return self.running.wait(timeout=60)

    def _read(self) -> bool:
        try:
            part = os.read(self._main, 4096)
        except OSError:
            return False
        self.said += part.decode(errors="replace")
        return bool(part)


def _take_terminal(side: int) -> None:
    # Where the suite itself was started in the background, an interrupt is ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import fcntl  # noqa: PLC0415 - in the child only

    fcntl.ioctl(side, termios.TIOCSCTTY, 0)


def simulated(*arguments: str) -> list[str]:
    return [sys.executable, "-c", SIMULATED, "wallet", *arguments]


@pytest.mark.parametrize("question", ["New passphrase", "The same again", "Make a new wallet at"])
def test_ctrl_c_while_a_wallet_is_made_is_a_cancel_in_both_languages(tmp_path: Path, question: str) -> None:
    terminal = Terminal([sys.executable, "-m", "cli", "wallet", "init"], tmp_path)
    for asked in ("New passphrase", "The same again", "Make a new wallet at"):
        terminal.until(asked)
        # The prompt turns the echo off just after it is written, and drops what was typed before.
        time.sleep(0.5)
        if asked == question:
            break
        terminal.type("correct horse\n")
    terminal.type("\x03")
    assert terminal.end() == 1
    assert CANCELLED in terminal.said
    assert "went wrong" not in terminal.said
    assert not (tmp_path / "wallet").exists()


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_ctrl_c_at_the_consent_sends_nothing_and_says_so(tmp_path: Path, key: str) -> None:
    terminal = Terminal(simulated("present", REQUEST), tmp_path)
    terminal.until("Show this?")
    terminal.type(key)
    assert terminal.end() == 1
    assert CANCELLED in terminal.said
    assert "KEPT" in terminal.said


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_ctrl_c_while_the_program_is_loading_is_one_line(tmp_path: Path, delay: float) -> None:
    # The entry says that it has begun; from there on nothing may end in a stack trace.
    begun = "import cli.__main__ as entry, sys; sys.argv = ['passport', 'wallet', 'list']; "
    begun += "import signal; real = signal.signal; "
    begun += "signal.signal = lambda *a: (real(*a), print('BEGUN', flush=True))[0]; entry.main()"
    terminal = Terminal([sys.executable, "-c", begun], tmp_path)
    terminal.until("BEGUN")
    time.sleep(delay)
    terminal.type("\x03")
    assert terminal.end() in {1, 2, 130}
    assert "Traceback" not in terminal.said
    if delay == 0.0:
        assert "passport: stopped before anything was done / 已中斷，未做任何事" in terminal.said


def test_passphrases_that_differ_are_told_in_both_languages_and_asked_again(tmp_path: Path) -> None:
    terminal = Terminal([sys.executable, "-m", "cli", "wallet", "init", "--yes"], tmp_path)
    for asked, typed in (
        ("New passphrase / ", "correct horse\n"),
        ("The same again / 請再輸入一次", "correct hose\n"),
        ("the two are not the same; once more / 兩次輸入不一致，請重新輸入", ""),
        ("New passphrase / ", "correct horse\n"),
        ("The same again / 請再輸入一次", "correct horse\n"),
    ):
        terminal.until(asked)
        terminal.said = terminal.said.partition(asked)[2]
        time.sleep(0.5 if typed else 0)
        terminal.type(typed)
    assert terminal.end() == 0
    assert (tmp_path / "wallet").exists()


def shell(command: Sequence[str], after: str) -> list[str]:
    # Not the shell's own last word but the command's is what the pipeline comes to.
    return ["/bin/bash", "-o", "pipefail", "-c", f'"$@" {after}', "sh", *command]


def test_reader_that_leaves_before_the_question_is_over_is_shown_nothing(tmp_path: Path) -> None:
    terminal = Terminal(shell(simulated("present", REQUEST), "| head -3"), tmp_path)
    terminal.until("nothing was sent")
    assert terminal.end() == 1
    assert "未送出任何資料" in terminal.said
    assert "BrokenPipe" not in terminal.said
    assert "KEPT" in terminal.said


def test_facts_stand_before_the_question_also_behind_a_pipe(tmp_path: Path) -> None:
    # A reader that is late, as any is on a busy machine.
    terminal = Terminal(shell(simulated("present", REQUEST), "| (sleep 0.7; cat)"), tmp_path)
    terminal.until("Show this?")
    assert "The request ends" in terminal.said.partition("Show this?")[0]
    terminal.type("y\n")
    assert terminal.end() == 0
    assert "PRESENTED" in terminal.said
