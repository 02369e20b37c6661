"""Issuing over HTTP: what a good wallet gets, and what a bad one does not."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest

from issuer.copy_writing import GRAIN, PROMISED_DELAY
from issuer.issuing import end_of
from issuer.use_cases.issue_credential import REDATE_AFTER
from passport.claims import SHOWN
from passport.clock import to_epoch
from passport.credential import OpenClaims
from passport.identifiers import PROOF_OF_FUNDS
from passport.jose import PrivateKeySigner, b64u_encode, sign_compact
from passport.openid4vci.key_proof import sign_key_proof
from passport.sd_jwt import parse, verify_issuer
from passport.strict_json import as_object, loads
from passport.x509 import certificates_from_pem, verify_x5c, x5c_from_header
from service.system import SystemEntropy

World = Any
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}


async def test_copies_are_signed_for_each_key_in_order_and_share_nothing(world: World) -> None:
    wallet = world.wallet()
    made = await world.offer()
    texts = await wallet.accept(made["offer"], made["tx_code"])
    assert len(texts) == 5
    opened = []
    for key, text in zip(wallet.keys, texts, strict=True):
        received = parse(text)
        chain = verify_x5c(
            x5c_from_header(received.unverified_header),
            roots=certificates_from_pem(world.root),
            at=world.clock.now(),
        )
        chain.check_uri("http://127.0.0.1:8443")
        verified = verify_issuer(received, chain.leaf_jwk)
        claims = OpenClaims.read(verified.claims)
        assert claims.holder_key == key.public_jwk
        assert claims.vct == PROOF_OF_FUNDS
        assert claims.issuer == "http://127.0.0.1:8443"
        assert (claims.anchor.due - claims.issued_at).total_seconds() == 60
        opened.append(claims)
    assert len({one.status.index for one in opened}) == 5
    assert len({one.anchor.salt for one in opened}) == 5
    assert len({one.fraud.handle for one in opened if one.fraud}) == 5
    assert {one.fraud.handle for one in opened if one.fraud} == set(world.hub.handles[made["offer_id"]])


async def test_times_in_the_open_are_shared_by_everybody_of_the_half_minute(world: World) -> None:
    seen = set()
    for _ in range(2):
        made = await world.offer()
        text = (await world.wallet().accept(made["offer"], made["tx_code"]))[0]
        claims = OpenClaims.read(as_object(loads(parse(text).issuer_jwt.unverified_payload)))
        assert claims.issued_at <= world.clock.now() < claims.anchor.due
        seen.add((claims.issued_at, claims.anchor.due))
    for moment in (moment for times in seen for moment in times):
        assert moment.second in {0, 30}


async def open_claims_of(world: World, made: Any) -> list[OpenClaims]:
    texts = await world.wallet().accept(made["offer"], made["tx_code"])
    return [OpenClaims.read(as_object(loads(parse(text).issuer_jwt.unverified_payload))) for text in texts]


async def test_the_end_in_the_open_is_shared_by_everybody_of_the_day(world: World) -> None:
    """The copies of one person go to many verifiers; their end must not tell them apart from those of other people (T52)."""
    ends: dict[Any, set[datetime]] = {}
    for customer, wait in (("lin", 0), ("chen", 7 * 3600), ("lin", 4 * 3600 + 29), ("chen", 12 * 3600)):
        world.clock.advance(seconds=wait)
        for claims in await open_claims_of(world, await world.offer(customer)):
            ends.setdefault(claims.issued_at.date(), set()).add(claims.expires_at)
            assert timedelta(days=89) <= claims.expires_at - claims.issued_at <= timedelta(days=90)
    assert [len(each) for each in ends.values()] == [1, 1]
    for end in (end for each in ends.values() for end in each):
        assert (end.hour, end.minute, end.second) == (0, 0, 0)


async def test_how_long_an_officer_took_is_in_no_time_of_the_credential(world: World) -> None:
    """A deferred set is dated when it is let through, and ends as if it had been asked for then."""
    made = await world.offer("liao", deferred=True)
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    waiting = await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    body = {"transaction_id": waiting.json()["transaction_id"]}
    world.clock.advance(days=3)
    for officer in ("wu", "kao"):
        await world.officer(officer, f"/queue/{made['offer_id']}/approve")
    answer = await wallet.post(token, "/oid4vci/deferred", body)
    assert answer.status_code == 200, answer.text
    for one in answer.json()["credentials"]:
        claims = OpenClaims.read(as_object(loads(parse(one["credential"]).issuer_jwt.unverified_payload)))
        assert claims.expires_at == end_of(world.clock.now())
    stored = await world.client.get("/v1/operator/credentials?customer=liao", headers=OPERATOR)
    assert {one["expires_at"] for one in stored.json()["credentials"]} == {to_epoch(claims.expires_at)}


def test_the_date_leaves_the_anchor_its_time() -> None:
    """The anchor's block may lie at most the promised delay after ``iat``, whenever within its grain a set was begun."""
    assert GRAIN + REDATE_AFTER + timedelta(seconds=10) <= PROMISED_DELAY


async def test_proof_of_funds_says_what_the_books_say(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    text = (await wallet.accept(made["offer"], made["tx_code"]))[0]
    received = parse(text)
    chain = verify_x5c(
        x5c_from_header(received.unverified_header),
        roots=certificates_from_pem(world.root),
        at=world.clock.now(),
    )
    claims: Any = verify_issuer(received, chain.leaf_jwk).claims
    shown = SHOWN[PROOF_OF_FUNDS].read(claims)
    assert claims["thresholds"]["total"] == {
        "usd_10000": True, "usd_25000": True, "usd_50000": True, "usd_100000": True,
    }  # fmt: skip
    assert claims["totals"]["equivalent"]["money"]["amount_minor"] == 325_000_000 * 317 // 10_000 + 4_200_000
    assert [one["masked_number"] for one in claims["accounts"]] == ["********5678", "********9999"]
    assert "000012345678" not in text
    assert shown is not None


async def test_identity_carries_no_handle(world: World) -> None:
    made = await world.offer("lin", "identity")
    text = (await world.wallet().accept(made["offer"], made["tx_code"], "identity"))[0]
    assert b"fraud" not in parse(text).issuer_jwt.unverified_payload
    assert world.hub.asked == []


async def test_one_offer_gives_both_credentials_to_the_same_keys(world: World) -> None:
    made = await world.offer("lin", "proof-of-funds", "identity")
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    for configuration in ("proof-of-funds", "identity"):
        answer = await wallet.credential(token, configuration, wallet.proofs(await wallet.nonce()))
        assert len(answer.json()["credentials"]) == 5
    refused = await wallet.credential(token, "account-ownership", wallet.proofs(await wallet.nonce()))
    assert refused.json()["error"] == "unknown_credential_configuration"


async def test_offer_race_100_clients_exactly_one_token(world: World) -> None:
    made = await world.offer()
    answers = await asyncio.gather(
        *(world.wallet().token(made["offer"], made["tx_code"]) for _ in range(100))
    )
    assert sorted(one.status_code for one in answers) == [200] + [400] * 99
    assert {one.json()["error"] for one in answers if one.status_code == 400} == {"invalid_grant"}


async def test_txcode_bruteforce_locks_after_5_even_if_then_correct(world: World) -> None:
    made = await world.offer()
    wrong = "000000" if made["tx_code"] != "000000" else "111111"
    for _ in range(5):
        assert (await world.wallet().token(made["offer"], wrong)).json()["error"] == "invalid_grant"
    assert (await world.wallet().token(made["offer"], made["tx_code"])).json()["error"] == "invalid_grant"


async def test_four_wrong_codes_leave_the_offer_alive(world: World) -> None:
    made = await world.offer()
    wrong = "000000" if made["tx_code"] != "000000" else "111111"
    for _ in range(4):
        await world.wallet().token(made["offer"], wrong)
    assert (await world.wallet().token(made["offer"], made["tx_code"])).status_code == 200


async def test_code_lives_five_minutes(world: World) -> None:
    made, late = await world.offer(), await world.offer()
    world.clock.advance(minutes=4, seconds=59)
    assert (await world.wallet().token(made["offer"], made["tx_code"])).status_code == 200
    world.clock.advance(seconds=1)
    assert (await world.wallet().token(late["offer"], late["tx_code"])).json()["error"] == "invalid_grant"


async def test_code_without_tx_code_or_of_another_grant_is_refused(world: World) -> None:
    made = await world.offer()
    answer = await world.wallet().token(made["offer"], "", tx_code="")
    assert answer.json()["error"] == "invalid_request"
    answer = await world.wallet().token(made["offer"], made["tx_code"], grant_type="authorization_code")
    assert answer.json()["error"] == "unsupported_grant_type"
    assert (await world.wallet().token(made["offer"], made["tx_code"])).status_code == 200


async def test_no_code_in_the_clear_is_in_the_database(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    state = world.settings.state_dir
    dump = b"".join(path.read_bytes() for path in state.iterdir())
    code = made["offer"].split("pre-authorized_code%22%3A%22")[1].split("%22")[0]
    assert code.encode() not in dump
    assert token.encode() not in dump
    assert made["offer_id"].encode() in dump


async def test_replay_proof_invalid_nonce(world: World) -> None:
    wallet, other = world.wallet(), world.wallet()
    first, second = await world.offer(), await world.offer()
    proofs = wallet.proofs(await wallet.nonce())
    token = (await wallet.token(first["offer"], first["tx_code"])).json()["access_token"]
    assert (await wallet.credential(token, "proof-of-funds", proofs)).status_code == 200
    token = (await other.token(second["offer"], second["tx_code"])).json()["access_token"]
    answer = await other.credential(token, "proof-of-funds", proofs)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_nonce")


async def test_nonce_concurrent_32_one_success(world: World) -> None:
    offers = [await world.offer() for _ in range(32)]
    nonce = await world.wallet().nonce()

    async def attempt(made: dict[str, str]) -> str:
        wallet = world.wallet()
        token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
        answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(nonce, wallet.keys[:1]))
        return str(answer.json().get("error", "issued"))

    outcomes = await asyncio.gather(*(attempt(one) for one in offers))
    assert sorted(outcomes) == ["invalid_nonce"] * 31 + ["issued"]


async def test_nonce_of_a_stranger_and_an_old_nonce_are_refused(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    old = await wallet.nonce()
    world.clock.advance(minutes=5)
    made = await world.offer()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    for nonce in (old, b64u_encode(bytes(40)), "x"):
        answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(nonce))
        assert answer.json()["error"] == "invalid_nonce"
    answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    assert answer.status_code == 200


async def test_one_request_has_one_nonce_in_all_its_proofs(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    first, second = await wallet.nonce(), await wallet.nonce()
    proofs = [*wallet.proofs(first, wallet.keys[:1]), *wallet.proofs(second, wallet.keys[1:2])]
    answer = await wallet.credential(token, "proof-of-funds", proofs)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_nonce")
    answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(first))
    assert answer.status_code == 200


async def test_same_proofs_get_the_same_bytes_for_ten_minutes(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    proofs = wallet.proofs(await wallet.nonce())
    first = await wallet.credential(token, "proof-of-funds", proofs)
    world.clock.advance(minutes=9, seconds=59)
    assert (await wallet.credential(token, "proof-of-funds", proofs)).content == first.content
    world.clock.advance(seconds=1)
    answer = await wallet.credential(token, "proof-of-funds", proofs)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_other_keys_after_issuing_are_refused(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    assert (
        await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    ).status_code == 200
    others = world.wallet()
    answer = await others.credential(token, "proof-of-funds", others.proofs(await others.nonce()))
    assert answer.json()["error"] == "credential_request_denied"


async def test_same_keys_with_a_new_nonce_get_the_same_bytes(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    first = await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    again = await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    assert again.content == first.content


async def test_notification_drops_the_bytes(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    proofs = wallet.proofs(await wallet.nonce())
    issued = (await wallet.credential(token, "proof-of-funds", proofs)).json()
    note = {"notification_id": issued["notification_id"], "event": "credential_accepted"}
    assert (await wallet.post(token, "/oid4vci/notification", note)).status_code == 204
    assert (await wallet.post(token, "/oid4vci/notification", note)).status_code == 204
    answer = await wallet.credential(token, "proof-of-funds", proofs)
    assert answer.json()["error"] == "invalid_nonce"
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        kept = database.execute("SELECT text, seed, leaf, handle FROM credential").fetchall()
        subjects = database.execute("SELECT subject FROM issuing UNION SELECT subject FROM offer").fetchall()
    assert {(text, seed) for text, seed, _, _ in kept} == {(None, None)}
    assert all(leaf and handle for _, _, leaf, handle in kept)
    assert subjects == [("{}",)]
    wrong = {"notification_id": "x", "event": "credential_accepted"}
    answer = await wallet.post(token, "/oid4vci/notification", wrong)
    assert answer.json()["error"] == "invalid_notification_id"


def _spoiled_proofs(wallet: Any, nonce: str) -> dict[str, list[str]]:
    key, other = wallet.keys[0], wallet.keys[1]
    payload = {"aud": wallet.issuer, "iat": int(wallet.now().timestamp()), "nonce": nonce}
    jwk = key.public_jwk.to_json()

    def proof(
        *,
        typ: str = "openid4vci-proof+jwt",
        signer: PrivateKeySigner = key,
        header: Any = None,
        **claims: Any,
    ) -> list[str]:
        return [
            sign_compact(typ=typ, payload={**payload, **claims}, signer=signer, header=header or {"jwk": jwk})
        ]

    good = wallet.proofs(nonce, [key])[0]
    return {
        "signed by another key": proof(signer=other),
        "kid names a third party": proof(header={"jwk": jwk, "kid": "did:ethr:0x1:0x" + "11" * 20}),
        "kid alone": proof(header={"kid": "did:ethr:0x1:0x" + "11" * 20}),
        "iss names a third party": proof(iss="did:ethr:0x1:0x" + "11" * 20),
        "for another issuer": proof(aud="http://other.example"),
        "key-binding token as proof": proof(typ="kb+jwt"),
        "dpop token as proof": proof(typ="dpop+jwt"),
        "credential type as proof": proof(typ="dc+sd-jwt"),
        "from the past": proof(iat=int(wallet.now().timestamp()) - 3600),
        "the same key twice": [good, *wallet.proofs(nonce, [key])],
        "too many": wallet.proofs(nonce, wallet.keys) + wallet.proofs(nonce, [wallet.keys[0]]),
        "none": [],
        "not a token": ["abc"],
    }


@pytest.mark.parametrize("name", [
    "signed by another key", "kid names a third party", "kid alone", "iss names a third party",
    "for another issuer", "key-binding token as proof", "dpop token as proof", "credential type as proof",
    "from the past", "the same key twice", "too many", "none", "not a token",
])  # fmt: skip
async def test_proof_subject_is_proving_key(world: World, name: str) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    nonce = await wallet.nonce()
    answer = await wallet.credential(token, "proof-of-funds", _spoiled_proofs(wallet, nonce)[name])
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_proof", "invalid_credential_request"}
    # The nonce is unspent: nothing was written for the bad request.
    answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(nonce))
    assert answer.status_code == 200


async def test_dpop_wrong_key_htu_ath_reused_jti(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet(dpop=True)
    answer = await wallet.token(made["offer"], made["tx_code"])
    token = answer.json()["access_token"]
    assert answer.json()["token_type"] == "DPoP"
    body = {
        "credential_configuration_id": "proof-of-funds",
        "proofs": {"jwt": wallet.proofs(await wallet.nonce())},
    }

    async def attempt(headers: dict[str, str], scheme: str = "DPoP") -> int:
        headers = {"Authorization": f"{scheme} {token}", **headers}
        return int((await world.client.post("/oid4vci/credential", json=body, headers=headers)).status_code)

    good = wallet.dpop("/oid4vci/credential", token)
    thief = world.wallet(dpop=True)
    assert await attempt({}) == 401
    assert await attempt(good, "Bearer") == 401
    assert await attempt(thief.dpop("/oid4vci/credential", token)) == 401
    assert await attempt(wallet.dpop("/oid4vci/token", token)) == 401
    assert await attempt(wallet.dpop("/oid4vci/credential", "another-token")) == 401
    assert await attempt(wallet.dpop("/oid4vci/credential")) == 401
    assert await attempt(good) == 200
    assert await attempt(good) == 401
    assert await attempt(wallet.dpop("/oid4vci/credential", token)) == 200


async def test_strangers_dpop_proofs_fill_no_table(world: World) -> None:
    """A proof is anybody's to make: its mark is stored only with a good code or token."""

    def marks() -> int:
        with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
            return int(database.execute("SELECT count(*) FROM spent").fetchone()[0])

    made = await world.offer()
    stranger, wallet = world.wallet(dpop=True), world.wallet(dpop=True)
    for _ in range(5):
        answer = await stranger.token(made["offer"], made["tx_code"], **{"pre-authorized_code": "guessed"})
        assert answer.json()["error"] == "invalid_grant"
        headers = {"Authorization": "DPoP guessed", **stranger.dpop("/oid4vci/credential", "guessed")}
        assert (await world.client.post("/oid4vci/credential", json={}, headers=headers)).status_code == 401
    assert (await stranger.token(made["offer"], "000000")).json()["error"] == "invalid_grant"
    assert marks() == 0
    assert (await wallet.token(made["offer"], made["tx_code"])).status_code == 200
    assert marks() == 1


async def test_dpop_proof_of_a_token_request_is_spent_with_its_code(world: World) -> None:
    first, second = await world.offer(), await world.offer()
    wallet = world.wallet(dpop=True)
    proof = wallet.dpop("/oid4vci/token")
    wallet.dpop = lambda *_: proof
    assert (await wallet.token(first["offer"], first["tx_code"])).status_code == 200
    again = await wallet.token(second["offer"], second["tx_code"])
    assert again.json()["error"] == "invalid_dpop_proof"
    # Nothing was spent: with a fresh proof the code is as good as before.
    del wallet.dpop
    assert (await wallet.token(second["offer"], second["tx_code"])).status_code == 200


async def test_lost_token_answer_same_dpop_key_same_token_for_a_minute(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet(dpop=True)
    first = (await wallet.token(made["offer"], made["tx_code"])).json()
    assert (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"] == first[
        "access_token"
    ]
    thief = await world.wallet(dpop=True).token(made["offer"], made["tx_code"])
    assert thief.json()["error"] == "invalid_grant"
    world.clock.advance(seconds=60)
    assert (await wallet.token(made["offer"], made["tx_code"])).json()["error"] == "invalid_grant"


async def test_bearer_token_expires_after_five_minutes(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    world.clock.advance(minutes=5)
    answer = await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_strangers_token_is_401(world: World) -> None:
    wallet = world.wallet()
    answer = await wallet.credential("nobody", "proof-of-funds", wallet.proofs(await wallet.nonce()))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_a_proof_made_for_another_issuer_is_not_even_read_as_ours(world: World) -> None:
    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    key = PrivateKeySigner.generate(SystemEntropy())
    proof = sign_key_proof(
        signer=key, audience="http://evil.example", nonce=await wallet.nonce(), issued_at=wallet.now()
    )
    answer = await wallet.credential(token, "proof-of-funds", [proof])
    assert answer.json()["error"] == "invalid_proof"


async def test_what_the_holder_keeps_is_in_no_byte_of_the_banks_files(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text, salts and figures are out of the write-ahead log, too (T59)."""
    monkeypatch.setattr("service.forgetting.LOG_BOUND", 0.05)
    folder = world.settings.state_dir

    def files() -> bytes:
        return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())

    made = await world.offer()
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    issued = (await wallet.credential(token, "proof-of-funds", wallet.proofs(await wallet.nonce()))).json()
    assert b"MEI-HUI" in files()
    note = {"notification_id": issued["notification_id"], "event": "credential_accepted"}
    assert (await wallet.post(token, "/oid4vci/notification", note)).status_code == 204
    text = issued["credentials"][0]["credential"]
    gone = [b"MEI-HUI", "林美惠".encode(), b"325000000", text[-60:].encode(), text[1000:1060].encode()]
    for _ in range(1000):
        if not [one for one in gone if one in files()]:
            break
        await asyncio.sleep(0.02)
    assert [one for one in gone if one in files()] == []
