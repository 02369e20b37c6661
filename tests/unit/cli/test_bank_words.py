"""What officers read on the command line: amounts, evidence, since when, who; and that the dangerous asks first."""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.bank_words import ACT_WORDS, act_lines, customer_lines, queue_lines, revocation_lines
from cli.program import app
from cli.reason_words import REASON_WORDS
from cli.verifier_words import disclosed_lines
from issuer.acts import ActKind
from passport.errors import Reason

RUN = CliRunner()
ENTRY: dict[str, Any] = {
    "offer_id": "ab12",
    "customer": "liao",
    "credentials": ["proof-of-funds"],
    "reasons": ["large_amount", "fraud_review"],
    "amount": {
        "as_of": "2026-11-20T04:00:00+00:00",
        "total_usd_minor": 231_410_000,
        "available_usd_minor": 200_000_000,
        "min28d_usd_minor": 190_000_000,
        "accounts": [
            {
                "account": "********5432",
                "currency": "TWD",
                "ownership": "joint",
                "balance_minor": 7_300_000_000,
                "available_minor": 6_300_000_000,
            }
        ],
    },
    "fraud_check": {
        "verdict": "review",
        "as_of": "2026-11-20T03:59:00+00:00",
        "rule": "rule-1",
        "depth": 3,
        "truncated": True,
        "grounds": [
            {
                "track": "",
                "account": "********5432",
                "notice": "n-1",
                "hops": 2,
                "warned_account": "",
                "transfers": 2,
            },
            {
                "track": "admonition",
                "account": "",
                "notice": "",
                "hops": None,
                "warned_account": "",
                "transfers": 0,
            },
        ],
    },
    "requested_by": "operator\x1b[31m",
    "approvals": ["officer-1"],
    "approvals_needed": 2,
    "created_at": 1_795_000_000,
}


def test_queue_shows_amounts_evidence_since_when_and_who() -> None:
    said = "\n".join(queue_lines(ENTRY))
    for words in (
        "USD 2,314,100.00",
        "available USD 2,000,000.00",
        "least available in 28 days USD 1,900,000.00",
        "********5432 (joint): TWD 73,000,000.00, available TWD 63,000,000.00",
        "over the limit above which two people agree",
        "the fraud hub says that a person should look",
        "hub: review as of 2026-11-20T03:59:00+00:00, by rule rule-1, looking 3 hops deep; not everything was looked at",
        "account ********5432: money came 2 hops from a warned account of another bank, over 2 transfers (notice n-1)",
        "the person: the police have admonished the holder",
        "waits since 2026-11-18T11:06:40Z; made by operator",
        "agreed: officer-1; 1 officer is missing",
        "passport bank decline ab12 --reason WORD",
    ):
        assert words in said, (words, said)
    assert "\x1b" not in said


def test_a_hub_that_said_nothing_is_not_told_as_an_all_clear() -> None:
    said = "\n".join(
        queue_lines({**ENTRY, "reasons": ["fraud_unknown"], "fraud_check": None, "amount": None})
    )
    assert "nothing is known, which is no all-clear" in said
    assert "hub: no verdict" in said


def test_customers_and_acts_are_one_line_each() -> None:
    one: dict[str, Any] = {
        "customer": "lin",
        "name_latin": "LIN MEI-HUI",
        "name_zh": "林美惠",
        "accounts": 1,
        "restrictions": ["warning"],
        "copies": {"valid": 0, "suspended": 5, "revoked": 0},
    }
    assert customer_lines(one) == [
        "lin  LIN MEI-HUI  林美惠  1 account; copies: 5 suspended; RESTRICTED: warning"
    ]
    act: dict[str, Any] = {
        "number": 7, "at": 1_795_000_000, "caller": "officer-1", "person": "staff-0001", "act": "suspend",
        "customer": "lin", "reason": "lost", "note": "called\n at ten", "copies_changed": 5,
    }  # fmt: skip
    (line,) = act_lines(act)
    assert line.endswith("[5 copies]")
    offered = {**act, "act": "offer", "reason": "none_given", "note": "", "copies_changed": 0}
    assert act_lines(offered)[0].endswith("  made an offer to  lin  no reason given")
    assert line.startswith("7  2026-11-18T11:06:40Z  officer-1 (staff-0001)  suspended  lin  lost: called")
    assert "\n" not in line


@dataclass
class FakeBank:
    """A bank that writes down what it is asked and says what it is told to."""

    file: Path
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, str]] = field(default_factory=list)

    def run(self, *arguments: str, typed: str = "") -> Any:
        return RUN.invoke(app, [*arguments, "--world", str(self.file)], input=typed)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[FakeBank]:
    found = FakeBank(tmp_path / "sandbox.json")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            found.asked.append((self.command, self.path, body, self.headers.get("authorization", "")))
            status, said = found.answers.get(
                self.path, (404, {"error": "not_found", "error_description": "none"})
            )
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "officers").mkdir()
    for name in ("operator", "officers/officer-1.token", "officers/officer-2.token"):
        (tmp_path / name).write_text(f"token-of-{Path(name).stem}")
    party = {
        "url": url,
        "did": "did:ethr:0x7a69:0x" + "11" * 20,
        "secret_file": "operator",
        "officers_directory": "officers",
    }
    found.file.write_text(
        json.dumps({"rpc_url": url, "chain_id": 31337, "contracts": {}, "bank_a": party, "bank_x": party})
    )
    yield found
    server.shutdown()
    server.server_close()


REVOKE = "/v1/operator/credentials/revoke"


@pytest.mark.parametrize("typed", ["n\n", "", "\n"])
def test_revoking_asks_first_and_no_answer_is_a_no(bank: FakeBank, typed: str) -> None:
    result = bank.run("bank", "revoke", "--customer", "lin", "--reason", "closed", typed=typed)
    assert (result.exit_code, bank.asked) == (1, [])
    assert "nothing was done" in result.stderr


@pytest.mark.parametrize(("more", "typed"), [([], "y\n"), (["--yes"], "")])
def test_revoking_is_asked_for_by_an_officer_and_says_who_must_agree(
    bank: FakeBank, more: list[str], typed: str
) -> None:
    bank.answers[REVOKE] = (202, {"state": "waiting", "revocation_id": "cd34"})
    result = bank.run("bank", "revoke", "--customer", "lin", "--reason", "closed", *more, typed=typed)
    assert result.exit_code == 0
    assert bank.asked == [
        ("POST", REVOKE, {"customer": "lin", "reason": "closed", "note": ""}, "Bearer token-of-officer-1")
    ]
    assert "Nothing is revoked yet" in result.stdout
    assert "passport bank approve cd34 --officer officer-2" in result.stdout


def test_one_command_approves_an_offer_or_a_revocation_by_its_id(bank: FakeBank) -> None:
    bank.answers["/v1/operator/revocations"] = (200, {"revocations": [{"revocation_id": "cd34"}]})
    bank.answers["/v1/operator/revocations/cd34/approve"] = (200, {"state": "done", "revoked": 5})
    bank.answers["/v1/operator/queue/ab12/approve"] = (200, {"state": "waiting"})
    assert "Revoked for good: 5 copies." in bank.run("bank", "approve", "cd34").stdout
    assert "one more officer" in bank.run("bank", "approve", "ab12").stdout
    assert bank.run("bank", "approve", "../x").exit_code == 2


@pytest.mark.parametrize("command", ["suspend", "reinstate", "cause-gone"])
def test_suspending_an_unknown_customer_is_an_error(bank: FakeBank, command: str) -> None:
    path = "/v1/operator/cause-gone" if command == "cause-gone" else f"/v1/operator/credentials/{command}"
    bank.answers[path] = (
        404,
        {"error": "not_found", "error_description": "expected a customer of this bank"},
    )
    result = bank.run("bank", command, "--customer", "nobody", "--reason", "x", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "not_found"
    without = bank.run("bank", command, "--customer", "nobody")
    assert without.exit_code == 2


def test_reviews_are_listed_with_why_and_settled_by_an_officer(bank: FakeBank) -> None:
    review = {
        "application": "app_x-1", "policy": "account-opening", "reference": "", "state": "waiting",
        "person_hears": "in_review", "decided_at": "2026-11-20T08:00:00+00:00", "officers_needed": 2,
        "amount_usd_minor": 60_000_000, "reasons": ["joint_account"], "can_be_opened": True, "status": "review",
        "steps": [{"step": "policy", "answer": "unknown"}],
        "said": [
            {"at": 1_795_000_000, "officer": "officer-2", "person": "p", "decision": "opened", "reason": "ok", "note": ""}
        ],
    }  # fmt: skip
    bank.answers["/v1/reviews"] = (200, {"reviews": [review]})
    listed = bank.run("reviews").stdout
    for words in (
        "app_x-1",
        "a person must decide: the account is joint / 聯名帳戶，需由承辦人員判斷",
        "what this bank asks for: a person must decide / 本行規定：需由承辦人員判斷",
        "opening takes 2 officers",
        "USD 600,000",
        "officer-2 (p): the account is opened / 准予開戶, ok",
    ):
        assert words in listed, words
    bank.answers["/v1/reviews/app_x-1"] = (200, {**review, "disclosed": {"identity": {"name_latin": "LIN"}}})
    assert "identity: name in Latin letters / 英文姓名: LIN\n" in bank.run("reviews", "app_x-1").stdout
    settled = {**review, "state": "settled", "person_hears": "opened"}
    bank.answers["/v1/reviews/app_x-1/settle"] = (200, settled)
    assert (
        "the person hears: the account is opened"
        in bank.run("settle", "app_x-1", "--opened", "--reason", "seen").stdout
    )
    assert bank.asked[-1][2:] == (
        {"decision": "opened", "reason": "seen", "note": ""},
        "Bearer token-of-officer-1",
    )
    # Neither decision is the default.
    assert bank.run("settle", "app_x-1", "--reason", "seen").exit_code == 2


def test_every_reason_and_every_act_has_words() -> None:
    assert set(REASON_WORDS) == set(Reason)
    assert set(ACT_WORDS) == {one.value for one in ActKind}
    for english, chinese in REASON_WORDS.values():
        assert "_" not in english
        assert re.search("[\u4e00-\u9fff]", chinese)
    assert len(set(REASON_WORDS.values())) == len(REASON_WORDS)


def test_what_was_shown_is_told_in_words_and_not_in_braces() -> None:
    shown: dict[str, Any] = {
        "proof_of_funds": {
            "any_joint": True,
            "thresholds": {"total": {"usd_50000": True}, "min28d": {"usd_50000": False}},
            "new\x1b[31m": {"deep": 3},
        }
    }
    assert disclosed_lines({"status": "review", "disclosed": shown})[1:] == [
        "  proof_of_funds: an account is joint / 含聯名帳戶: yes / 是",
        "  proof_of_funds: at least USD 50,000 in total / 總額至少 USD 50,000: yes / 是",
        "  proof_of_funds: at least USD 50,000 at all times in 28 days / 近 28 日最低可動用餘額至少 USD 50,000: no / 否",
        "  proof_of_funds: new[31m.deep: 3",
    ]


def proposed(said: str) -> list[list[str]]:
    """Every command that a text proposes, up to the end of its line."""
    return [shlex.split(found)[1:] for found in re.findall(r"passport (?:bank|settle|reviews) .*", said)]


REVIEW: dict[str, Any] = {
    "application": "app_x-1", "policy": "account-opening", "reference": "", "state": "waiting",
    "person_hears": "in_review", "decided_at": "2026-11-20T08:00:00+00:00", "officers_needed": 2,
    "amount_usd_minor": None, "reasons": ["joint_account"], "can_be_opened": True, "status": "review",
    "steps": [], "said": [],
}  # fmt: skip
SAID = {
    "at": 1_795_000_000,
    "officer": "officer-1",
    "person": "p",
    "decision": "opened",
    "reason": "ok",
    "note": "",
}


def test_commands_that_are_proposed_run_as_they_stand(bank: FakeBank) -> None:
    one = "/v1/operator"
    revocation: dict[str, Any] = {
        "revocation_id": "cd34", "customer": "lin", "asked_at": 1, "asked_by": "officer-2", "reason": "closed", "note": "",
    }  # fmt: skip
    task = {"task": 7, "kind": "holder_claimed", "customer": "lin", "notice": "n", "linked_by": None}
    bank.answers = {
        f"{one}/queue": (200, {"queue": [{**ENTRY, "requested_by": "officer-2", "approvals": []}]}),
        f"{one}/revocations": (200, {"revocations": [revocation]}),
        f"{one}/tasks": (200, {"tasks": [task]}),
        f"{one}/tasks/7/answer": (200, {"task": 7, "answer": "holds"}),
        f"{one}/queue/ab12/approve": (200, {"state": "waiting"}),
        f"{one}/queue/ab12/decline": (200, {"state": "declined"}),
        f"{one}/revocations/cd34/approve": (200, {"state": "done", "revoked": 5}),
        f"{one}/revocations/cd34/decline": (200, {"state": "declined"}),
        f"{one}/offers": (202, {"state": "waiting", "offer_id": "ab12"}),
        f"{one}/credentials/suspend": (200, {"suspended": 5}),
        f"{one}/credentials/reinstate": (200, {"reinstated": 5}),
        REVOKE: (202, {"state": "waiting", "revocation_id": "cd34"}),
        "/v1/reviews": (200, {"reviews": [{**REVIEW, "said": [SAID]}]}),
        "/v1/reviews/app_x-1": (200, {**REVIEW, "disclosed": {}}),
        "/v1/reviews/app_x-1/settle": (202, REVIEW),
    }
    why = ("--reason", "WORD")
    for command, least in (
        (("bank", "queue"), 4),
        (("bank", "tasks"), 2),
        (("offer", "--customer", "lin", "--credential", "identity", "--officer", "officer-2"), 2),
        (("bank", "approve", "ab12"), 1),
        (("bank", "suspend", "--customer", "lin chen", *why), 1),
        (("bank", "revoke", "--customer", "lin", "--yes", *why), 2),
        (("reviews",), 2),
        (("settle", "app_x-1", "--opened", *why), 2),
    ):
        commands = proposed(bank.run(*command).stdout)
        assert len(commands) >= least, (command, commands)
        for words in commands:
            ran = bank.run(*words)
            assert ran.exit_code == 0, (command, words, ran.stderr)
    # Who made it, asked for it or spoke before is not proposed as the other person.
    assert "approve ab12 --officer officer-1" in bank.run("bank", "queue").stdout
    assert "approve cd34 --officer officer-1" in "\n".join(revocation_lines(revocation))
    assert "--opened --reason WORD --officer officer-2" in bank.run("reviews").stdout


def test_what_is_so_already_is_not_told_as_done(bank: FakeBank) -> None:
    bank.answers["/v1/operator/credentials/suspend"] = (
        200,
        {"suspended": 0, "already": {"since": 1_795_000_000, "by": "officer-2"}},
    )
    said = bank.run("bank", "suspend", "--customer", "kuo", "--reason", "x").stdout
    assert said.startswith(
        "kuo is already suspended since 2026-11-18T11:06:40Z, by officer-2. Nothing was done."
    )
    bank.answers["/v1/operator/credentials/reinstate"] = (
        409,
        {
            "error": "conflict",
            "error_description": "the customer is not suspended by an officer of this bank",
        },
    )
    refused = bank.run("bank", "reinstate", "--customer", "kuo", "--reason", "x")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "kuo is not suspended" in refused.stderr
    for path, words in (
        ("queue/ab12", "no credential is offered"),
        ("revocations/cd34", "nothing is revoked"),
    ):
        bank.answers["/v1/operator/revocations"] = (200, {"revocations": [{"revocation_id": "cd34"}]})
        bank.answers[f"/v1/operator/{path}/decline"] = (200, {"state": "declined"})
        assert bank.run("bank", "decline", path[-4:], "--reason", "x").stdout == f"Declined: {words}.\n"


def test_settling_again_is_not_told_as_new(bank: FakeBank) -> None:
    settled = {
        **REVIEW,
        "state": "settled",
        "person_hears": "opened",
        "said": [SAID],
        "settlement": {"decision": "opened"},
    }
    waiting = {**REVIEW, "said": [SAID]}
    path = "/v1/reviews/app_x-1"
    words = ("settle", "app_x-1", "--opened", "--reason", "seen")
    for before, after, told in (
        (REVIEW, settled, "Settled; the person hears"),
        (settled, settled, "Already settled at 2026-11-18T11:06:40Z, by officer-1"),
        (REVIEW, waiting, "Noted; another person"),
        (waiting, waiting, "You have said so before, at 2026-11-18T11:06:40Z"),
    ):
        bank.answers |= {path: (200, before), f"{path}/settle": (200, after)}
        assert bank.run(*words).stdout.startswith(told)
