from datetime import UTC, date, datetime
from pathlib import Path

from issuer.remote.bank_file import FileBank, read_bank_file
from sandbox.core_banking import new_sign_in, write_bank_file
from sandbox.world import make_world


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_bank_a_reads_the_file_that_the_sandbox_writes(tmp_path: Path) -> None:
    world = make_world(seed=7, today=date(2026, 3, 2))
    sign_in = new_sign_in(world)
    write_bank_file(tmp_path / "bank.json", world, sign_in)
    bank = FileBank(read_bank_file(tmp_path / "bank.json"), _Noon())
    assert {one.key for one in bank.customers()} == set(sign_in.otp_secrets)
    assert bank.statement("lin", None).total_usd_minor > 5_000_000
    assert bank.statement("chen", None).total_usd_minor < 5_000_000
    assert bank.statement("wang", None).min28d_usd_minor < 5_000_000
    for clean in ("lin", "kuo", "lai", "ho", "tsai", "chiu", "hsu"):
        assert bank.statement(clean, None).min28d_usd_minor >= 5_000_000, clean
    assert bank.statement("liao", None).total_usd_minor > bank.approval_limit_usd_minor
    assert (tmp_path / "bank.json").stat().st_mode & 0o077 == 0
