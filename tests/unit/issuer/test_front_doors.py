"""Sessions, the officer's queue, access, metadata, logs: the issuer's other doors."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from issuer.codes import Codes
from issuer.http.error_answers import ERROR_TABLE
from issuer.own_files import registration, staff_tokens
from issuer.remote.bank_file import FileBank
from issuer.settings import IssuerSettings
from issuer.storage.sessions import MAX_ASKS, SessionStore
from issuer.use_cases.sign_in import AT_ONCE, SignIn, one_time_code
from issuer.wiring import MIGRATIONS
from passport.clock import Clock, to_epoch
from passport.errors import Misconfigured, Rejected, Unavailable
from passport.fraud import AlertKind, VerdictClass
from passport.openid4vci.metadata import AuthorizationServerMetadata, IssuerMetadata
from passport.registry import evidence_hash
from service.access import declared_access
from service.admission import name_of
from service.admission_walls import EarlyRefusal
from service.database import Database
from service.error_answers import missing_from
from service.key_files import save_secret
from service.logs import JsonFormatter
from service.migrations import upgrade
from service.system import SystemEntropy
from tests.simulators.bank import registration_of

World = Any
OTP_SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "correct horse"
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}


def otp(world: World, steps: int = 0) -> str:
    return one_time_code(OTP_SECRET, to_epoch(world.clock.now()) // 30 + steps)


async def sign_in(world: World, customer: str = "lin", **changes: str) -> Any:
    body = {"customer": customer, "password": PASSWORD, "otp": otp(world), **changes}
    return await world.client.post("/v1/sessions", json=body)


async def session(world: World, customer: str = "lin") -> dict[str, str]:
    return {"Authorization": f"Bearer {(await sign_in(world, customer)).json()['session']}"}


def test_one_time_code_is_that_of_rfc_6238() -> None:
    # RFC 6238 appendix B, SHA-1, at 59 s and 1111111109 s: the last six of its eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert one_time_code(secret, 59 // 30) == "287082"
    assert one_time_code(secret, 1111111109 // 30) == "081804"


async def test_customer_asks_and_accepts(world: World) -> None:
    headers = await session(world)
    answer = await world.client.post("/v1/offers", json={"credentials": ["proof-of-funds"]}, headers=headers)
    made = answer.json()
    assert made["state"] == "offered"
    assert len(await world.wallet().accept(made["offer"], made["tx_code"])) == 5


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"otp": "000000"}, {"customer": "nobody"}, {"password": "x" * 256}]
)
async def test_wrong_sign_in_is_one_answer(world: World, changes: dict[str, str]) -> None:
    answer = await sign_in(world, **changes)
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")


async def test_one_time_code_opens_one_session(world: World) -> None:
    answers = await asyncio.gather(*(sign_in(world) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 401, 401, 401]
    world.clock.advance(seconds=30)
    assert (await sign_in(world)).status_code == 200


async def test_five_wrong_codes_after_the_right_password_lock_for_five_minutes(world: World) -> None:
    for _ in range(5):
        await sign_in(world, otp="000000")
    assert (await sign_in(world)).status_code == 401
    world.clock.advance(minutes=5)
    assert (await sign_in(world)).status_code == 200


async def test_strangers_cannot_lock_a_customer_out(world: World) -> None:
    """Whoever knows a name and no password may try for ever: the customer signs in all the same (decision 0037)."""
    refused = [
        await sign_in(world, password="wrong", otp=code) for code in ("000000", otp(world)) for _ in range(10)
    ]
    assert {one.status_code for one in refused} == {401}
    answer = await sign_in(world)
    assert answer.status_code == 200, answer.text
    # Neither can they while they try at the same time.
    world.clock.advance(seconds=30)
    crowd = await asyncio.gather(*(sign_in(world, password="wrong") for _ in range(8)), sign_in(world))
    assert [one.status_code for one in crowd] == [401] * 8 + [200]


async def test_right_and_wrong_passwords_and_strangers_are_one_answer_and_one_write_each(
    world: World,
) -> None:
    """What a try writes would tell by its time whether the password, or the name, was right."""

    def written() -> int:
        with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
            (count,) = database.execute("SELECT wrong_tries FROM sign_in WHERE customer = ''").fetchone()
        return int(count)

    await sign_in(world, otp="000000")
    told = set()
    for changes in (
        {"otp": "000000"},
        {"password": "wrong"},
        {"customer": "nobody"},
        *[{"otp": "000000"}] * 6,
    ):
        before = written()
        answer = await sign_in(world, **changes)
        told.add((answer.status_code, answer.text))
        assert written() == before + 1
    assert len(told) == 1
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        names = {name for (name,) in database.execute("SELECT customer FROM sign_in")}
    assert names == {"", "lin"}


async def test_one_session_cannot_use_up_the_banks_quota(world: World) -> None:
    headers = await session(world)

    async def ask(headers: dict[str, str]) -> int:
        answer = await world.client.post(
            "/v1/offers", json={"credentials": ["proof-of-funds"]}, headers=headers
        )
        return int(answer.status_code)

    # Asking at the same time counts no less; and what the hub ends with a "no" counts, too.
    world.hub.verdict = VerdictClass.BLOCK
    codes = await asyncio.gather(*(ask(headers) for _ in range(MAX_ASKS + 5)))
    assert sorted(codes) == [409] * MAX_ASKS + [429] * 5
    assert len(world.hub.asked) == MAX_ASKS
    world.hub.verdict = VerdictClass.CLEAR
    assert await ask(await session(world, "chen")) == 200
    world.clock.advance(hours=1)
    assert await ask(await session(world)) == 200


async def test_a_crowd_at_the_door_is_let_in_a_few_at_a_time(
    bank: FileBank, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("issuer.use_cases.sign_in._WAIT_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'door.sqlite'}")
    upgrade(database, MIGRATIONS)
    use_case = SignIn(bank, SessionStore(database), Codes(bytes(32), SystemEntropy()), clock)
    leave = threading.Event()
    busy = [use_case._hashing.submit(leave.wait, 10) for _ in range(AT_ONCE)]
    with pytest.raises(Unavailable):
        use_case("nobody", PASSWORD, "000000")
    monkeypatch.undo()
    leave.set()
    assert all(one.result(10) for one in busy)
    with pytest.raises(Rejected):
        use_case("nobody", PASSWORD, "000000")
    database.close()


async def test_a_set_is_one_journey_from_its_token_to_its_copies(world: World) -> None:
    """What was begun goes first and is counted until it is whole; a token that is refused begins nothing."""
    [wall] = [one for one in world.app.user_middleware if one.cls is EarlyRefusal]
    journeys = wall.kwargs["admitting"].admission.journeys
    made, wallet = await world.offer(), world.wallet()
    assert (await wallet.token(made["offer"], "000000")).status_code == 400
    assert journeys.under_way() == 0
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    assert (journeys.under_way(), journeys.knows(name_of(token))) == (1, True)
    assert (await wallet.credential(token, "proof-of-funds", ["no proof"])).status_code == 400
    assert journeys.under_way() == 1
    proofs = wallet.proofs(await wallet.nonce())
    assert (await wallet.credential(token, "proof-of-funds", proofs)).status_code == 200
    assert (journeys.under_way(), journeys.knows(name_of(token))) == (0, True)


async def test_sign_in_storm_leaves_issuing_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While every password is being hashed and sixty wait, a whole set is issued and health answers (T58)."""
    leave, begun = threading.Event(), threading.Event()

    def hash_slowly(*_: object) -> bool:
        begun.set()
        return leave.wait(30)

    monkeypatch.setattr("argon2.PasswordHasher.verify", hash_slowly)
    made = await world.offer()
    strangers = [asyncio.create_task(sign_in(world, f"stranger-{n}")) for n in range(60)]
    try:
        assert await asyncio.to_thread(begun.wait, 10)
        async with asyncio.timeout(30):
            assert len(await world.wallet().accept(made["offer"], made["tx_code"])) == 5
            assert (await world.client.get("/health/live")).status_code == 200
            assert (await world.client.get("/health/ready")).status_code == 200
        assert not all(one.done() for one in strangers)
    finally:
        leave.set()
        answers = await asyncio.gather(*strangers)
    refused = [one for one in answers if one.status_code == 503]
    assert refused
    assert all(int(one.headers["retry-after"]) >= 1 and one.json()["error"] for one in refused)


def test_hashing_stands_back_behind_every_other_thread(bank: FileBank, clock: Clock, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'door.sqlite'}")
    use_case = SignIn(bank, SessionStore(database), Codes(bytes(32), SystemEntropy()), clock)
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    there = use_case._hashing.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert there.result(10) > here
    database.close()


async def test_session_ends_after_ten_minutes(world: World) -> None:
    headers = await session(world)
    world.clock.advance(minutes=10)
    answer = await world.client.post("/v1/offers", json={"credentials": ["identity"]}, headers=headers)
    assert answer.status_code == 401


async def test_another_customers_offer_is_not_found(world: World) -> None:
    mine, theirs = await session(world), await session(world, "chen")
    made = (await world.client.post("/v1/offers", json={"credentials": ["identity"]}, headers=mine)).json()
    path = f"/v1/offers/{made['offer_id']}"
    assert (await world.client.get(path, headers=mine)).status_code == 200
    assert (await world.client.get(path, headers=theirs)).status_code == 404
    assert (await world.client.post(f"{path}/collect", headers=theirs)).status_code == 404


BIG = {"customer": "liao", "credentials": ["proof-of-funds"]}


async def test_who_approves_is_who_authenticated_and_nobody_acts_in_anothers_name(world: World) -> None:
    made = (await world.officer("wu", "/offers", {**BIG, "officer": "wu"})).json()
    path = f"/queue/{made['offer_id']}/approve"
    # Neither the operator's token nor a name in the body makes an officer of anybody.
    for answer in (
        await world.operator(path, {"officer": "kao"}),
        await world.operator(path, {}),
        await world.officer("wu", path, {"officer": "kao"}),
        await world.operator(f"/queue/{made['offer_id']}/decline", {"officer": "kao", "reason": "x"}),
        await world.operator("/offers", {**BIG, "officer": "kao"}),
        await world.officer("kao", "/offers", {**BIG, "officer": "wu"}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")
    queue = (await world.client.get("/v1/operator/queue", headers=OPERATOR)).json()["queue"]
    assert [(one["requested_by"], one["approvals"]) for one in queue] == [("wu", [])]
    approved = await world.officer("kao", path, {"officer": "kao"})
    assert approved.status_code == 200


async def test_registration_is_shown_only_where_there_is_one(world: World) -> None:
    answer = await world.client.get("/.well-known/issuer-registration")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_registration_is_served_as_it_was_hashed_and_must_be_the_banks_own(
    settings: IssuerSettings, tmp_path: Path
) -> None:
    document = dict(registration_of(settings.did, settings.base_url))
    path = tmp_path / "registration.json"
    path.write_text(json.dumps(document))
    chosen = settings.model_copy(update={"registration": path})
    shown = registration(chosen)
    assert shown is not None
    assert evidence_hash(shown) == evidence_hash(document)
    for change in (
        {"did": "did:ethr:0x7a69:0x" + "11" * 20},
        {"base_url": "https://elsewhere.example"},
        {"lei": "x"},
    ):
        path.write_text(json.dumps(document | change))
        with pytest.raises(Misconfigured, match="issuer registration"):
            registration(chosen)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"nobody": "a-token"}, "nobody who is an officer"),
        ({"wu": "operator-token-of-the-tests"}, "another token for each"),
        ({"wu": "one-token", "kao": "one-token"}, "another token for each"),
    ],
)
def test_tokens_that_do_not_tell_officers_apart_stop_the_start(
    settings: IssuerSettings, bank: FileBank, tmp_path: Path, files: dict[str, str], words: str
) -> None:
    for name, token in files.items():
        save_secret(tmp_path / "others" / f"{name}.token", token.encode())
    with pytest.raises(Misconfigured, match=words):
        staff_tokens(settings.model_copy(update={"officer_tokens": tmp_path / "others"}), bank)


def test_token_that_others_may_read_stops_the_start(settings: IssuerSettings, bank: FileBank) -> None:
    assert settings.officer_tokens is not None
    (settings.officer_tokens / "wu.token").chmod(0o640)
    with pytest.raises(Misconfigured, match="0600"):
        staff_tokens(settings, bank)


async def test_a_large_amount_waits_for_a_second_officer(world: World) -> None:
    made = (await world.officer("wu", "/offers", BIG)).json()
    assert made["state"] == "waiting"
    assert "offer" not in made
    path = f"/queue/{made['offer_id']}/approve"
    answer = await world.officer("wu", path)
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")
    approved = (await world.officer("kao", path)).json()
    assert len(await world.wallet().accept(approved["offer"], approved["tx_code"])) == 5
    assert (await world.officer("kao", path)).status_code == 409


async def test_a_customers_large_offer_needs_two_officers_and_is_collected(world: World) -> None:
    headers = await session(world, "liao")
    made = (
        await world.client.post("/v1/offers", json={"credentials": ["proof-of-funds"]}, headers=headers)
    ).json()
    assert made["state"] == "waiting"
    path = f"/v1/offers/{made['offer_id']}/collect"
    approve = f"/queue/{made['offer_id']}/approve"
    first = (await world.officer("wu", approve)).json()
    assert first["state"] == "waiting"
    assert (await world.client.post(path, headers=headers)).status_code == 409
    assert (await world.officer("wu", approve)).status_code == 401
    assert "tx_code" not in (await world.officer("kao", approve)).json()
    collected = (await world.client.post(path, headers=headers)).json()
    assert len(await world.wallet().accept(collected["offer"], collected["tx_code"])) == 5
    assert (await world.client.post(path, headers=headers)).status_code == 409


@pytest.mark.parametrize("verdict", [VerdictClass.REVIEW, VerdictClass.UNKNOWN])
async def test_review_and_unknown_wait_in_the_same_queue(world: World, verdict: VerdictClass) -> None:
    world.hub.verdict = verdict
    made = await world.offer()
    assert made["state"] == "waiting"
    queue = (
        await world.client.get(
            "/v1/operator/queue", headers={"Authorization": "Bearer operator-token-of-the-tests"}
        )
    ).json()["queue"]
    assert [(one["offer_id"], one["reasons"]) for one in queue] == [(made["offer_id"], [f"fraud_{verdict}"])]
    declined = await world.officer("wu", f"/queue/{made['offer_id']}/decline", {"reason": "no_answer"})
    assert declined.json() == {"state": "declined"}
    assert (await world.officer("wu", f"/queue/{made['offer_id']}/approve")).status_code == 409


async def test_block_ends_the_offer_and_only_the_bank_hears_why(world: World) -> None:
    world.hub.verdict = VerdictClass.BLOCK
    officer = await world.operator("/offers", {"customer": "lin", "credentials": ["proof-of-funds"]})
    assert officer.json()["error"] == "fraud_block"
    assert "fraud hub says no" in officer.json()["error_description"]
    headers = await session(world)
    answer = await world.client.post("/v1/offers", json={"credentials": ["proof-of-funds"]}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (409, "offer_declined")
    assert "fraud" not in answer.text


async def test_a_track_ends_offers_and_issuing(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    await world.suspend("lin")
    nonce = await wallet.nonce()
    answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(nonce))
    assert answer.json()["error"] == "credential_request_denied"
    assert "fraud" not in answer.text
    refused = await world.operator("/offers", {"customer": "lin", "credentials": ["proof-of-funds"]})
    assert refused.json()["error"] == "fraud_block"
    assert "officer of this bank" in refused.json()["error_description"]
    await world.reinstate("lin")
    assert (await wallet.credential(token, "proof-of-funds", wallet.proofs(nonce))).status_code == 200


@pytest.mark.parametrize(
    ("kind", "said"),
    [(AlertKind.WARNING, "police warning"), (AlertKind.DERIVED, "another account of theirs")],
)
async def test_clerk_hears_which_restriction_and_the_customer_does_not(
    world: World, kind: AlertKind, said: str
) -> None:
    world.hub.tell(kind, "lin")
    asked = {"customer": "lin", "credentials": ["proof-of-funds"]}
    for _ in range(200):
        clerk = (await world.operator("/offers", asked)).json()
        if "error" in clerk:
            break
        await asyncio.sleep(0.02)
    assert said in clerk["error_description"]
    customer = await world.client.post(
        "/v1/offers", json={"credentials": ["proof-of-funds"]}, headers=await session(world)
    )
    assert customer.json()["error"] == "offer_declined"
    assert not {"police", "warning", "account"} & set(customer.text.split())


async def test_deferred_offer_waits_at_the_credential_endpoint(world: World) -> None:
    made = await world.offer(deferred=True)
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    proofs = wallet.proofs(await wallet.nonce())
    answer = await wallet.credential(token, "proof-of-funds", proofs)
    assert answer.status_code == 202
    transaction = {"transaction_id": answer.json()["transaction_id"]}
    again = await wallet.credential(token, "proof-of-funds", proofs)
    assert again.json()["transaction_id"] == transaction["transaction_id"]
    assert (await wallet.post(token, "/oid4vci/deferred", transaction)).status_code == 202
    await world.officer("wu", f"/queue/{made['offer_id']}/approve")
    done = await wallet.post(token, "/oid4vci/deferred", transaction)
    assert len(done.json()["credentials"]) == 5
    stranger = await wallet.post(token, "/oid4vci/deferred", {"transaction_id": "x"})
    assert stranger.json()["error"] == "invalid_transaction_id"


OWN = {"number": "000012345678", "currency": "TWD", "opened_on": "2015-03-01"}


@pytest.mark.parametrize("number", ["000012345678", "TW:899:0001:000012345678"])
async def test_member_of_the_hub_asks_about_the_holder_of_the_account_that_it_states(
    world: World, number: str
) -> None:
    made = await world.offer("lin", "account-ownership", account={**OWN, "number": number})
    assert made["state"] == "offered"
    assert world.hub.asked == [("TW:899:0001:000012345678", "TW:SBLIN")]
    texts = await world.wallet().accept(made["offer"], made["tx_code"], "account-ownership")
    assert len(texts) == 5


@pytest.mark.parametrize(
    ("customer", "change", "error"),
    [
        ("lin", {"number": "000055555555"}, "malformed"),  # chen's
        ("lin", {"currency": "USD"}, "malformed"),
        ("lin", {"opened_on": "2026-11-20"}, "malformed"),
        ("lin", {"ownership": "joint"}, "malformed"),
        ("application-17", {}, "not_found"),
    ],
)
async def test_member_of_the_hub_states_ownership_only_out_of_its_books(
    world: World, customer: str, change: dict[str, str], error: str
) -> None:
    body = {"customer": customer, "credentials": ["account-ownership"], "account": OWN | change}
    answer = await world.operator("/offers", body)
    assert answer.json()["error"] == error
    assert world.hub.asked == []


async def test_account_ownership_is_offered_from_the_request(world: World) -> None:
    world.hub.needs_person = False
    account = {"number": "SG0000123456", "currency": "USD", "opened_on": "2026-11-20"}
    made = await world.offer("application-17", "account-ownership", account=account)
    texts = await world.wallet().accept(made["offer"], made["tx_code"], "account-ownership")
    assert len(texts) == 5
    assert world.hub.asked == [("SG0000123456", "")]
    assert made["statement_digest"] == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"customer": "nobody", "credentials": ["identity"]}, "not_found"),
        ({"customer": "lin", "credentials": ["lottery"]}, "malformed"),
        ({"customer": "lin", "credentials": []}, "invalid_request"),
        ({"customer": "lin", "credentials": ["identity", "identity"]}, "malformed"),
        ({"customer": "lin", "credentials": ["proof-of-funds"], "as_of": "1999-01-01"}, "malformed"),
        ({"customer": "lin", "credentials": ["account-ownership"]}, "malformed"),
        ({"customer": "lin", "credentials": ["identity"], "officer": "nobody"}, "not_authorised"),
        ({"customer": "lin", "credentials": ["identity"], "is_admin": True}, "invalid_request"),
    ],
)
async def test_bad_offers_are_named(world: World, body: dict[str, object], code: str) -> None:
    answer = await world.operator("/offers", body)
    assert answer.json()["error"] == code
    assert answer.json()["error_description"].startswith("expected")


async def test_day_without_a_statement_is_told_which_days_there_are(world: World) -> None:
    body = {"customer": "lin", "credentials": ["proof-of-funds"], "as_of": "1999-01-01"}
    said = (await world.operator("/offers", body)).json()["error_description"]
    assert "2026-11-" in said
    assert "got 1999-01-01" in said


async def test_wrong_credential_is_told_the_ones_that_an_offer_can_name(world: World) -> None:
    said = (await world.operator("/offers", {"customer": "lin", "credentials": ["gold"]})).json()
    assert (
        said["error_description"] == "expected credentials among account-ownership, identity, proof-of-funds"
    )


async def test_metadata_say_what_is_offered(world: World) -> None:
    document = (await world.client.get("/.well-known/openid-credential-issuer")).json()
    metadata = IssuerMetadata.read(document)
    assert metadata.batch_size == 5
    assert set(metadata.credential_configurations_supported) == {
        "proof-of-funds", "identity", "account-ownership", "proof-of-funds-vc11",
    }  # fmt: skip
    server = AuthorizationServerMetadata.read(
        (await world.client.get("/.well-known/oauth-authorization-server")).json()
    )
    assert server.token_endpoint == "http://127.0.0.1:8443/oid4vci/token"
    keys = (await world.client.get("/.well-known/jwt-vc-issuer")).json()["jwks"]["keys"]
    assert [sorted(one) for one in keys] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]


def test_every_error_class_has_a_row() -> None:
    assert (
        missing_from(ERROR_TABLE, ("issuer", "service", "passport.errors", "passport.openid4vci"))
        == frozenset()
    )


async def test_every_route_has_declared_auth(world: World) -> None:
    declared = declared_access(world.app.routes)
    open_routes = {path for (_, path), words in declared.items() if words.startswith("open:")}
    assert open_routes == {
        "/.well-known/openid-credential-issuer", "/.well-known/oauth-authorization-server",
        "/.well-known/jwt-vc-issuer", "/.well-known/issuer-registration", "/status/{list_number}", "/leaves/{root}", "/oid4vci/token",
        "/oid4vci/nonce", "/v1/sessions", "/health/live", "/health/ready",
    }  # fmt: skip
    for (method, path), words in declared.items():
        if words.startswith("open:"):
            continue
        concrete = re.sub(r"\{[a-z_]+\}", "x", path)
        answer = await world.client.request(method, concrete, json={})
        assert answer.status_code == 401, path


async def test_ready_says_ready(world: World) -> None:
    answer = await world.client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]) == (
        200, {"database": "ok", "ledger": "ok", "status": "ok", "anchors": "ok"},
    )  # fmt: skip


async def test_not_ready_while_the_ledger_cannot_be_read(world: World) -> None:
    world.ledger.down = True
    answer = await world.client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["ledger"]) == (503, "failing")
    world.ledger.down = False
    assert (await world.client.get("/health/ready")).status_code == 200


async def test_canary_secrets_absent_from_all_logs(world: World) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(name) for name in ("issuer", "service", "passport", "sqlalchemy")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        made = await world.offer("lin", "proof-of-funds")
        wallet = world.wallet(dpop=True)
        answer = await wallet.token(made["offer"], made["tx_code"])
        token = answer.json()["access_token"]
        proofs = wallet.proofs(await wallet.nonce())
        await wallet.credential(token, "proof-of-funds", [*proofs, "x"])
        issued = await wallet.credential(token, "proof-of-funds", proofs)
        await sign_in(world, password="canary-password")
        await world.revoke(customer="lin", reason="canary-reason")
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
    lines = stream.getvalue()
    assert '"event":"request"' in lines
    secrets = [
        token, made["tx_code"], made["offer_id"], "MEI-HUI", "林美惠", "000012345678", "325000000", "canary",
        issued.json()["credentials"][0]["credential"][:40], PASSWORD,
    ]  # fmt: skip
    assert [one for one in secrets if one in lines or json.dumps(one)[1:-1] in lines] == []


async def test_config_of_another_credential_is_refused(world: World) -> None:
    body = {"customer": "lin", "credentials": ["identity"], "config": "proof-of-funds-vc11"}
    headers = {"Authorization": "Bearer operator-token-of-the-tests"}
    answer = await world.client.post("/v1/operator/offers", json=body, headers=headers)
    assert answer.status_code == 400
    assert "form of the credential" in answer.json()["error_description"]
