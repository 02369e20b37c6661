"""Starting a world: what is told when a port is taken, and whose last words are repeated."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from passport.errors import Misconfigured, Reason, Unavailable
from passport.identifiers import DidEthr
from sandbox import services
from sandbox.accreditation import Accreditation
from sandbox.installation import Installation
from sandbox.processes import Child, naming_who_ended, require_all_running
from sandbox.standing_world import require_free_ports


def test_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    installation = Installation.choose(tmp_path)
    require_free_ports(installation)
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.hub.port))
        other.listen()
        with pytest.raises(Misconfigured, match=f"{installation.hub.port} \\(hub\\)") as caught:
            require_free_ports(installation)
    assert f"remove {tmp_path}" in str(caught.value)
    assert f"sport = :{installation.hub.port}" in str(caught.value)


def test_last_words_are_those_of_this_run(tmp_path: Path) -> None:
    log = tmp_path / "log" / "child.log"
    log.parent.mkdir()
    log.write_text("an earlier run said this\n")
    child = Child("child", "no_such_module", {}, log, ready=lambda: False)
    child.start()
    with pytest.raises(Misconfigured, match="no_such_module") as caught:
        child.wait_until_ready(30)
    assert "earlier run" not in str(caught.value)


ANSWERED = '{"event":"request","route":"/v1/alerts","status":200,"ms":3}'
FAILED = '{"event":"request","route":"/v1/alerts","status":500,"ms":3}'


def ended(tmp_path: Path, program: str) -> Child:
    """A process of ours that has said something and ended."""
    (tmp_path / "a_program.py").write_text(program)
    child = Child(
        "child",
        "a_program",
        {"PYTHONPATH": str(tmp_path)},
        tmp_path / "log" / "child.log",
        ready=lambda: False,
    )
    child.start()
    assert child.process is not None
    child.process.wait(30)
    return child


def test_last_words_leave_out_requests_that_went_well(tmp_path: Path) -> None:
    said = f"print('it said this'); print('''{FAILED}'''); print('''{ANSWERED}\n''' * 20)"
    with pytest.raises(Misconfigured, match="child ended with exit code 0, unasked") as caught:
        require_all_running([ended(tmp_path, said)])
    assert str(caught.value).splitlines()[1:-1] == ["  it said this", f"  {FAILED}"]
    with pytest.raises(Misconfigured, match="beside 2 answered requests"):
        require_all_running([ended(tmp_path, f"print('''{ANSWERED}\n{ANSWERED}''')")])


PROBES = (
    '{"event":"request","route":"/health/ready","status":503,"ms":3}',
    '{"event":"requests","route":"/health/ready","status":503,"count":40,"ms":3}',
    '{"event":"requests","route":"/v1/alerts","status":200,"count":300,"ms":3}',
    '{"event":"request_refused","code":"not_found","status":404,"ms":0}',
)
TELLING = '{"event":"health_part_failing","kind":"ledger","error":"Unavailable"}'


def test_last_words_leave_out_the_probes_of_who_waits(tmp_path: Path) -> None:
    said = "".join(f"print('''{line}''');" for line in (TELLING, *PROBES * 9))
    with pytest.raises(Misconfigured) as caught:
        require_all_running([ended(tmp_path, said)])
    assert str(caught.value).splitlines()[1:] == [f"  {TELLING}"]


def test_log_of_a_process_that_runs_long_is_put_aside_and_does_not_grow(tmp_path: Path) -> None:
    """A world that is kept is written to for weeks."""
    (tmp_path / "talks.py").write_text("import sys\nfor line in sys.stdin: print(line, end='', flush=True)")
    child = Child(
        "child", "talks", {"PYTHONPATH": str(tmp_path)}, tmp_path / "child.log", ready=lambda: False
    )
    child.log.write_bytes(b"of an earlier run\n" * 100)
    child.start()
    assert child.process is not None
    child.process.wait(30)
    child.shorten_log(longest=10_000)
    assert child.log.stat().st_size == 1800
    with child.log.open("ab") as writer:  # As the process has it open.
        for number in range(1000):
            writer.write(b"%d\n" % number)
            writer.flush()
            child.shorten_log(longest=2000)
    assert child.log.stat().st_size <= 2010
    assert (tmp_path / "child.log.1").stat().st_size <= 2010
    assert child.log.read_bytes().endswith(b"\n999\n")
    assert "999" in child.last_words()


@pytest.mark.parametrize(
    ("program", "how"),
    [
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL, unasked"),
        ("import sys; sys.exit(3)", "ended with exit code 3, unasked"),
    ],
)
def test_process_that_ended_is_told_with_signal_or_exit_code(tmp_path: Path, program: str, how: str) -> None:
    with pytest.raises(Misconfigured, match=how) as caught:
        require_all_running([ended(tmp_path, program)])
    assert str(caught.value).endswith("(none)")


def test_who_ended_is_named_where_somebody_did_not_answer(tmp_path: Path) -> None:
    away = Unavailable(Reason.UPSTREAM_UNAVAILABLE, "could not connect to http://127.0.0.1:1")
    with (
        pytest.raises(Misconfigured, match="child ended with exit code 3, unasked"),
        naming_who_ended([ended(tmp_path, "import sys; sys.exit(3)")]),
    ):
        raise away
    with pytest.raises(Unavailable, match="could not connect"), naming_who_ended([]):
        raise away


def test_hub_alone_runs_on_huge_pages(tmp_path: Path) -> None:
    installation = Installation.choose(tmp_path)
    did = DidEthr.parse("did:ethr:0x7a69:0x" + "11" * 20)
    accredited = Accreditation({}, dict.fromkeys(("hub", "bank_a", "bank_x"), did), ())
    assert services.hub(installation, accredited).environment["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    others = [
        services.ledger_gateway(installation),
        services.bank_a(installation, accredited, hub=True),
        services.bank_x(installation, accredited, hub=True),
        services.bank_x_issuer(installation, accredited),
    ]
    assert [child.name for child in others if "GLIBC_TUNABLES" in child.environment] == []
