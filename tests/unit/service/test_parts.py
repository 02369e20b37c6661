"""Key files, settings, fault points, ports: small parts, spoiled one thing at a time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from passport.errors import Misconfigured, PassportError, Reason, Rejected
from service import faults
from service.key_files import load_certificates, load_p256_key, load_secret_text, save_secret
from service.profile import Profile
from service.server import bind, run_process
from service.settings import ServiceSettings, read_settings
from service.system import SystemClock, SystemEntropy


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_secret_is_saved_with_mode_0600_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token"
    save_secret(path, b"abc\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_secret_text(path, "token") == "abc"
    assert list(path.parent.iterdir()) == [path]


def test_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    save_secret(path, b"abc")
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="0640"):
        load_secret_text(path, "token")


def test_only_p256_keys_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "key"
    save_secret(path, pem(ec.generate_private_key(ec.SECP256R1())))
    assert load_p256_key(path, "key").curve.name == "secp256r1"
    for wrong in (
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
        b"x",
    ):
        save_secret(path, wrong)
        with pytest.raises(Misconfigured):
            load_p256_key(path, "key")


def test_missing_or_empty_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="operator token: cannot read"):
        load_secret_text(tmp_path / "none", "operator token")
    save_secret(tmp_path / "empty", b" \n")
    with pytest.raises(Misconfigured, match="empty"):
        load_secret_text(tmp_path / "empty", "operator token")
    with pytest.raises(Misconfigured):
        load_certificates(tmp_path / "empty", "roots")


def test_settings_errors_name_variables_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_PORT", "canary-5512")
    with pytest.raises(Misconfigured) as caught:
        read_settings(ServiceSettings)
    assert "SERVICE_PORT" in str(caught.value)
    assert "SERVICE_BASE_URL" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_trusted_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    required = {
        "SERVICE_PORT": "1", "SERVICE_BASE_URL": "http://127.0.0.1:1", "SERVICE_STATE_DIR": "/x", "SERVICE_CHAIN_ID": "1",
        "SERVICE_RPC_URL": "http://127.0.0.1:2", "SERVICE_CONTRACTS": "{}", "SERVICE_TRUST_ROOTS": "/x", "SERVICE_DID": "x",
        "SERVICE_SIGNING_KEY": "/x", "SERVICE_CERTIFICATE": "/x", "SERVICE_ACCOUNT_KEY": "/x",
    }  # fmt: skip
    for name, value in required.items():
        monkeypatch.setenv(name, value)
    assert read_settings(ServiceSettings).proxies() == ()
    monkeypatch.setenv("SERVICE_TRUSTED_PROXIES", '["10.0.0.1", "2001:db8::/64"]')
    assert read_settings(ServiceSettings).proxies() == ("10.0.0.1/32", "2001:db8::/64")
    monkeypatch.setenv("SERVICE_TRUSTED_PROXIES", '["canary.example"]')
    with pytest.raises(Misconfigured, match="SERVICE_TRUSTED_PROXIES"):
        read_settings(ServiceSettings)


def test_fault_points_refuse_production() -> None:
    with pytest.raises(Misconfigured, match="production"):
        faults.InsecureFaultPoints("a.b", profile=Profile.PRODUCTION)


@pytest.mark.parametrize("armed", ["", "a:0", "a:x", "a=boom"])
def test_malformed_fault_point_is_refused(armed: str) -> None:
    with pytest.raises(Misconfigured):
        faults.InsecureFaultPoints(armed, profile=Profile.SANDBOX)


def test_fault_strikes_the_nth_time_only() -> None:
    faults.install(faults.InsecureFaultPoints("a.b:2=enospc", profile=Profile.SANDBOX))
    try:
        faults.hit("a.b")
        faults.hit("a.c")
        with pytest.raises(OSError, match="No space"):
            faults.hit("a.b")
        faults.hit("a.b")
    finally:
        faults.install(None)


def test_kill_point_kills_without_ceremony() -> None:
    code = (
        "from service import faults; from service.profile import Profile\n"
        "faults.install(faults.InsecureFaultPoints('x', profile=Profile.SANDBOX)); faults.hit('x')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=30)  # noqa: S603 - our own interpreter
    assert done.returncode == -signal.SIGKILL


def test_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = run_process("bank", lambda: bind("127.0.0.1", port).close())
    assert code == 2
    assert f"port {port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_our_errors_end_a_process_with_words_only(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise Rejected(Reason.NOT_FOUND, "no such thing")

    assert run_process("bank", fail) == 2
    assert capsys.readouterr().err == "bank: no such thing\n"
    assert run_process("bank", lambda: None) == 0
    assert issubclass(Rejected, PassportError)


SLOW_SERVICE = """
import sys, time
from fastapi import APIRouter, Depends
from service.access import OpenTo
from service.app import HouseApp, create_app
from service.server import bind, serve
router = APIRouter()
@router.get("/slow", dependencies=[Depends(OpenTo("a test"))])
def slow() -> str:
    time.sleep(0.5)
    return "whole"
listener = bind("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
serve(create_app(HouseApp("slow", [router])), listener)
"""


def test_sigterm_drains_what_is_under_way() -> None:
    child = subprocess.Popen([sys.executable, "-c", SLOW_SERVICE], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.25)
        os.kill(child.pid, signal.SIGTERM)
        received = b"".join(iter(lambda: client.recv(4096), b""))
        client.close()
        assert received.startswith(b"HTTP/1.1 200")
        assert received.endswith(b'"whole"')
        assert child.wait(10) in {0, -signal.SIGTERM}
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def test_clock_is_aware_and_entropy_is_fresh() -> None:
    assert SystemClock().now().tzinfo is not None
    assert SystemEntropy().token(16) != SystemEntropy().token(16)
