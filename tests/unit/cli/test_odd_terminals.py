"""What a command says reaches people on terminals that cannot print it, through pipes that close and on full disks.

Threat T61: the recovery phrase of a wallet is made once; it can be shown again until its owner has it on paper.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from holder import RecoveryPhrase, create_wallet
from passport.openid4vci import CredentialOffer, Grants, OfferLink, PreAuthorizedGrant

PASSPHRASE = "correct horse"
OFFER = OfferLink(
    offer=CredentialOffer(
        credential_issuer="https://bank-a.example",
        credential_configuration_ids=("proof-of-funds",),
        grants=Grants(pre_authorized=PreAuthorizedGrant(pre_authorized_code="code")),
    )
).to_uri()
TERMINALS: Mapping[str, Mapping[str, str]] = {
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "big5": {"PYTHONIOENCODING": "big5"},
    "dumb": {"TERM": "dumb", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    "posix locale": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
}


@pytest.fixture
def wallet_path(tmp_path: Path) -> Path:
    return tmp_path / "wallet"


def environment(path: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return {
        **kept,
        "PASSPORT_WALLET": str(path),
        "PASSPORT_WALLET_PASSPHRASE": PASSPHRASE,
        "PASSPORT_WORLD": str(path.with_name("world.json")),
        "XDG_STATE_HOME": str(path.with_name("state")),
        **more,
    }


def passport(
    path: Path, *arguments: str, terminal: Mapping[str, str] = TERMINALS["utf-8"], given: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "cli", "wallet", *arguments],
        env=environment(path, terminal),
        input=(given or "").encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )


def phrase_again(path: Path) -> str:
    """The phrase as the command for it shows it, after whatever happened; it is this wallet's."""
    again = passport(path, "phrase", "--json")
    assert again.returncode == 0, again.stderr
    words = str(json.loads(again.stdout)["recovery_phrase"])
    opened = passport(path, "phrase", "--confirm", "--json", given=words)
    assert json.loads(opened.stdout)["confirmed"] is True, opened.stderr
    # A wallet made again from it takes the same words.
    other = path.with_name("made again")
    assert create_wallet(other, PASSPHRASE, phrase=RecoveryPhrase.read(words)).words == words
    return words


@pytest.mark.parametrize(
    ("terminal", "as_json"), [*((each, True) for each in TERMINALS), ("latin-1", False), ("dumb", False)]
)
def test_phrase_is_never_lost_to_a_terminal(wallet_path: Path, terminal: str, *, as_json: bool) -> None:
    made = passport(
        wallet_path, "init", "--yes", *(["--json"] if as_json else []), terminal=TERMINALS[terminal]
    )
    assert made.returncode == 0, made.stderr
    words = phrase_again(wallet_path)
    assert words in made.stdout.decode("latin-1")
    if as_json:
        assert json.loads(made.stdout.decode("ascii"))["recovery_phrase"] == words


@pytest.mark.parametrize(
    ("broken", "as_json"), [("full", True), ("full", False), ("closed", True), ("nobody reads", True)]
)
def test_phrase_is_never_lost_to_an_output_that_takes_nothing(
    wallet_path: Path, broken: str, *, as_json: bool
) -> None:
    shell = {"full": ">/dev/full", "closed": ">&-", "nobody reads": "| true"}[broken]
    command = f"{sys.executable} -m cli wallet init --yes {'--json' if as_json else ''} {shell}"
    if broken == "nobody reads":
        command = f"(sleep 0; {command[: -len(shell)]}) {shell}"
    done = subprocess.run(  # noqa: S603 - our own program
        ["/bin/sh", "-c", command],
        env=environment(wallet_path, {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if broken != "nobody reads":
        assert done.returncode == 1
        assert "could not be written" in done.stderr
        assert f"passport wallet phrase --wallet {wallet_path}" in done.stderr
    phrase_again(wallet_path)


def test_phrase_of_a_wallet_that_accepting_made_is_never_lost(wallet_path: Path) -> None:
    """As it was reported: the wallet is made, and then nothing of it can be printed."""
    world = wallet_path.with_name("world.json")
    world.write_text(
        json.dumps(
            {"rpc_url": "http://127.0.0.1:9", "chain_id": 1, "contracts": {}, "trust_roots": "roots.pem"}
        )
    )
    done = passport(wallet_path, "accept", OFFER, "--json", terminal=TERMINALS["latin-1"])
    assert done.returncode != 70, done.stdout
    assert "error" in json.loads(done.stdout)
    words = phrase_again(wallet_path)
    assert words in done.stderr.decode("latin-1")


def test_phrase_is_never_lost_to_a_person_who_interrupts(wallet_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "wallet", "init", "--yes", "--json"],
        env=environment(wallet_path, {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not wallet_path.exists() and running.poll() is None:
        time.sleep(0.001)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) in {0, 130, -signal.SIGINT}
    phrase_again(wallet_path)


def test_confirmed_phrase_is_not_shown_again_and_another_ones_confirms_nothing(wallet_path: Path) -> None:
    made = json.loads(passport(wallet_path, "init", "--yes", "--json").stdout)
    wrong = passport(wallet_path, "phrase", "--confirm", "--json", given="abandon " * 23 + "art")
    assert (wrong.returncode, json.loads(wrong.stdout)["error"]) == (2, "malformed")
    numbered = "\n".join(f"{place}. {word}," for place, word in enumerate(made["recovery_phrase"].split(), 1))
    assert passport(wallet_path, "phrase", "--confirm", given=numbered).returncode == 0
    after = passport(wallet_path, "phrase", "--json")
    assert (after.returncode, json.loads(after.stdout)["error"]) == (1, "not_found")
    assert made["recovery_phrase"].encode() not in wallet_path.read_bytes()


def test_wallet_made_from_a_phrase_keeps_no_words(wallet_path: Path) -> None:
    words = "abandon " * 23 + "art"
    create_wallet(wallet_path, PASSPHRASE, phrase=RecoveryPhrase.read(words))
    assert passport(wallet_path, "phrase").returncode == 1


@pytest.mark.parametrize("terminal", list(TERMINALS))
@pytest.mark.parametrize(
    "command",
    [["list"], ["history"], ["list", "--wallet", "/nowhere/財力"], ["accept", "沒有連結"], ["nowhere"]],
)
def test_no_command_ends_because_of_a_character(
    wallet_path: Path, terminal: str, command: Sequence[str]
) -> None:
    create_wallet(wallet_path, PASSPHRASE, phrase=RecoveryPhrase.read("abandon " * 23 + "art"))
    done = passport(wallet_path, *command, terminal=TERMINALS[terminal])
    assert done.returncode in {0, 1, 2}, done.stderr
    assert b"Traceback" not in done.stderr
    said = passport(wallet_path, *command, "--json", terminal=TERMINALS[terminal])
    assert json.loads(said.stdout.decode("ascii" if terminal not in {"utf-8", "big5"} else terminal))


def test_bytes_that_are_no_text_are_told_and_not_a_fault(wallet_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "wallet", "accept", "-", "--json"],
        env=environment(wallet_path, {}),
        input=b"\xff\xfe\x00openid",
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, json.loads(done.stdout)["error"]) == (2, "malformed")
    assert not wallet_path.exists()


class _BankX(BaseHTTPRequestHandler):
    """A result whose values can be read once."""

    reads = 0

    def do_GET(self) -> None:
        type(self).reads += 1
        body = json.dumps(
            {
                "status": "verified",
                "reasons": [],
                "notes": [],
                "steps": [],
                "disclosed": {"identity": {"name_chinese": "林美玲"}},
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
        del format, args


@pytest.mark.parametrize("shell", ["", ">/dev/full", ">&-"])
def test_values_that_are_read_once_go_to_the_error_stream_where_the_output_takes_nothing(
    tmp_path: Path, shell: str
) -> None:
    with HTTPServer(("127.0.0.1", 0), _BankX) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        party = {"url": url, "did": "did:x"}
        (tmp_path / "world.json").write_text(
            json.dumps({"rpc_url": url, "chain_id": 1, "contracts": {}, "bank_a": party, "bank_x": party})
        )
        done = subprocess.run(  # noqa: S603 - our own program
            ["/bin/sh", "-c", f"{sys.executable} -m cli result {url}/v1/results/r --json {shell}"],
            env=environment(tmp_path / "wallet", {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        server.shutdown()
    assert "林美玲" in (done.stderr if shell else done.stdout)
    assert done.returncode == (1 if shell else 0)


def test_question_in_chinese_is_asked_in_english_where_the_terminal_cannot_write_it(
    wallet_path: Path,
) -> None:
    main, side = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "wallet", "init", "--yes"],
        env={
            name: value
            for name, value in environment(wallet_path, TERMINALS["posix locale"]).items()
            if name != "PASSPORT_WALLET_PASSPHRASE"
        },
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    said = b""
    for question in (b"New passphrase", b"The same again"):
        while question not in said:
            said += os.read(main, 1024)
        # The prompt turns the echo off just after it is written, and drops what was typed before.
        time.sleep(1)
        os.write(main, b"correct horse\n")
    said += rest_of(main)
    assert running.wait(timeout=60) == 0, said
    assert b"Traceback" not in said
    phrase_again(wallet_path)


def rest_of(terminal: int) -> bytes:
    """What is written until the last process lets go of it."""
    said = b""
    try:
        while part := os.read(terminal, 1024):
            said += part
    except OSError:
        pass
    os.close(terminal)
    return said
