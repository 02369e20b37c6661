"""The branches of the journey that need the whole world: hub, police, both banks, and honest wallets.

One world for the whole file, a customer of their own for each test. What an altered or replayed presentation gets is in
``test_bank_x``, where a lying wallet speaks.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections import Counter
from contextlib import closing

import pytest
from cryptography.x509 import load_pem_x509_certificates
from typer.testing import CliRunner, Result

from cli.program import app
from fraud_check.engine import MoneyFlowGraph, Question
from passport.anchor import AnchorScope, leaf_hash
from passport.clock import to_epoch
from passport.credential import OpenClaims
from passport.errors import Reason, Rejected
from passport.identifiers import PROOF_OF_FUNDS, Vct
from passport.jose import PrivateKeySigner, b64u_encode, parse_compact
from passport.keys import TokenType, sign_token
from passport.registry import schema_id
from passport.sd_jwt import credential_hash, parse
from passport.strict_json import (
    JsonObject,
    as_object,
    get_array,
    get_integer,
    get_object,
    get_text,
    loads,
)
from sandbox.world import BANK_A
from service.key_files import load_p256_key
from tests.simulators.abroad import Abroad, Lie, Offer, accept_through_a_crash, eventually
from tests.simulators.canaries import canaries_of, in_text

pytestmark = pytest.mark.journey

GOOD: tuple[str, list[str], list[str]] = ("verified", [], [])


def queued(world: Abroad, name: str) -> JsonObject:
    """The one offer for this customer that waits for an officer."""
    queue = [as_object(one) for one in get_array(world.bank_a.get("/v1/operator/queue"), "queue")]
    (waiting,) = [one for one in queue if get_text(one, "customer") == name]
    return waiting


def approve(world: Abroad, offer_id: str, *officers: str) -> JsonObject:
    """Officers approve, one after the other; the last answer."""
    answer: JsonObject = {}
    for officer in officers:
        answer = world.officer(officer).post(f"/v1/operator/queue/{offer_id}/approve", {})
    return answer


def test_below_the_threshold_the_wallet_finds_nothing_to_show_and_sends_nothing(abroad: Abroad) -> None:
    chen = abroad.person("chen").equipped()
    case = abroad.apply()
    with chen.wallet() as wallet:
        with pytest.raises(Rejected) as refused:
            wallet.review(case.request)
        assert wallet.history() == ()
    assert refused.value.reason is Reason.NOTHING_TO_SHOW
    assert case.result(wait=False)["status"] == "pending"
    assert not [line for line in abroad.requests_to("bank_x") if "/oid4vp/responses" in line]


def test_wang_has_it_only_since_two_days_ago_and_can_show_no_28_days(abroad: Abroad) -> None:
    wang = abroad.person("wang").equipped()
    case = abroad.apply()
    with wang.wallet() as wallet, pytest.raises(Rejected) as refused:
        wallet.review(case.request)
    assert refused.value.reason is Reason.NOTHING_TO_SHOW
    # A wallet that sends it all the same is refused: the total is enough, the 28 days are not.
    application = abroad.application()
    assert Lie.by(wang).tell(application, without=("thresholds", "min28d", "usd_50000")).status_code == 200
    assert (application.result()["status"], application.result()["reasons"]) == (
        "refused",
        ["threshold_not_met"],
    )


def test_hsu_has_a_joint_account_and_goes_to_a_person_who_settles(abroad: Abroad) -> None:
    hsu = abroad.person("hsu").equipped()
    case = hsu.present()
    assert case.outcome() == ("review", ["joint_account"], [])
    officer = abroad.bank_x_officer("officer-1")
    seen = officer.get(f"/v1/reviews/{case.id}")
    assert seen["disclosed"]
    settled = officer.post(f"/v1/reviews/{case.id}/settle", {"decision": "opened", "reason": "spouse_agreed"})
    assert settled["person_hears"] == "opened"
    assert "disclosed" not in officer.get(f"/v1/reviews/{case.id}")
    # What is suspended meanwhile is not opened, whatever the officer says.
    second = hsu.present()
    assert second.outcome() == ("review", ["joint_account"], [])
    abroad.officer("officer-1").post(
        "/v1/operator/credentials/suspend", {"customer": "hsu", "reason": "lost_phone"}
    )
    eventually(lambda: second.follow_up() == "suspended", "suspended at bank X")
    with pytest.raises(Rejected):
        officer.post(f"/v1/reviews/{second.id}/settle", {"decision": "opened", "reason": "hurry"})
    ended = officer.post(f"/v1/reviews/{second.id}/settle", {"decision": "not_opened", "reason": "suspended"})
    assert ended["person_hears"] == "not_opened"
    abroad.officer("officer-2").post(
        "/v1/operator/credentials/reinstate", {"customer": "hsu", "reason": "found_phone"}
    )


def test_no_request_reaches_bank_a_while_its_customer_presents(abroad: Abroad) -> None:
    ho = abroad.person("ho").equipped()
    assert ho.present().outcome() == GOOD  # anchored, and known to bank X, from here on
    before = abroad.requests_to("bank_a")
    assert any("/leaves/" in line for line in before)
    assert ho.present().outcome() == GOOD
    assert abroad.requests_to("bank_a") == before
    with abroad.without("bank_a"):
        assert ho.present().outcome() == GOOD


def test_warned_then_lifted(abroad: Abroad) -> None:
    kuo = abroad.person("kuo").equipped()
    first = kuo.present()
    assert first.outcome() == GOOD
    assert first.follow_up() == "valid"

    abroad.police.warn("kuo")
    second = kuo.present()
    assert eventually(lambda: first.follow_up() == "suspended", "suspended at bank X") < 5
    status, reasons, _ = second.outcome()
    assert (status, reasons) == ("refused", ["fraud_block"])
    # What is drawn on the account is suspended; who the person is has not changed.
    assert kuo.statuses() == {"proof-of-funds": {"suspended"}, "identity": {"valid"}}
    with pytest.raises(Rejected):
        kuo.offered()

    abroad.police.lift("kuo")
    eventually(lambda: first.follow_up() == "valid", "valid again at bank X")
    assert kuo.present().outcome() == GOOD


def test_lifted_elsewhere_and_still_derived_until_the_bank_says_the_cause_is_gone(abroad: Abroad) -> None:
    tsai = abroad.person("tsai").equipped()
    first = tsai.present()
    assert first.outcome() == GOOD

    abroad.police.warn("tsai", elsewhere=True)
    eventually(lambda: first.follow_up() == "suspended", "the derived account suspended")
    assert tsai.present().outcome()[:2] == ("refused", ["fraud_block"])
    with pytest.raises(Rejected):  # the cause is not gone: the other bank's warning lasts
        abroad.officer("officer-1").post(
            "/v1/operator/cause-gone", {"customer": "tsai", "reason": "restriction_ended"}
        )

    abroad.police.lift("tsai", elsewhere=True)
    time.sleep(1.0)  # ample for the stream, so that what follows is not merely early
    assert tsai.present().outcome()[:2] == ("refused", ["fraud_block"])
    assert first.follow_up() == "suspended"

    abroad.officer("officer-1").post(
        "/v1/operator/cause-gone", {"customer": "tsai", "reason": "restriction_ended"}
    )
    eventually(lambda: first.follow_up() == "valid", "valid again at bank X")
    assert tsai.present().outcome() == GOOD


def test_hub_down_is_never_a_yes_and_never_a_no(abroad: Abroad) -> None:
    lai = abroad.person("lai").equipped()
    with abroad.without("hub"):
        assert lai.present().outcome()[:2] == ("review", ["fraud_unknown"])
        asked = abroad.person("ho").asks()
        # The customer hears that it waits; the officer, why.
        assert set(asked) == {"offer_id", "state", "statement_digest"}
        assert asked["state"] == "waiting"
        assert queued(abroad, "ho")["reasons"] == ["fraud_unknown"]
        abroad.officer("officer-1").post(
            f"/v1/operator/queue/{get_text(asked, 'offer_id')}/decline", {"reason": "not_convinced"}
        )
    assert lai.present().outcome() == GOOD


def test_end_of_a_planted_chain_goes_to_a_person_at_both_banks(abroad: Abroad) -> None:
    chiu = abroad.person("chiu")
    counter = chiu.at_counter()
    asked = counter.post("/v1/offers", {"credentials": ["proof-of-funds", "identity"]})
    assert asked["state"] == "waiting"
    waiting = queued(abroad, "chiu")
    assert waiting["reasons"] == ["fraud_review"]
    offer_id = get_text(asked, "offer_id")
    approve(abroad, offer_id, "officer-1")
    ready = counter.post(f"/v1/offers/{offer_id}/collect", {})
    chiu.accept(Offer(get_text(ready, "offer"), get_text(ready, "tx_code")))
    status, reasons, _ = chiu.present().outcome()
    assert (status, reasons) == ("review", ["fraud_review"])


def test_without_any_one_transfer_of_the_planted_chain_the_graph_is_clear(abroad: Abroad) -> None:
    """The hub's own engine over the same transfers: what makes ``review`` is the chain, and all of it."""
    chain, flows = abroad.standing.world.chains[0], abroad.standing.world.transfers

    def reached(without: int | None) -> bool:
        kept = [row for row in range(len(flows)) if row != without]
        graph = MoneyFlowGraph()
        graph.append(flows.source[kept], flows.target[kept], flows.time_ms[kept], flows.amount_minor[kept])
        graph.warn(chain.warned, chain.taint_from_ms)
        return graph.account(chain.last, Question(max_hops=3, min_amount=10_000_00)).hop is not None

    assert reached(None)
    assert [reached(row) for row in chain.hops] == [False] * len(chain.hops)


def test_rich_customer_needs_two_officers(abroad: Abroad) -> None:
    liao = abroad.person("liao")
    counter = liao.at_counter()
    asked = counter.post("/v1/offers", {"credentials": ["proof-of-funds", "identity"]})
    offer_id = get_text(asked, "offer_id")
    assert asked["state"] == "waiting"
    assert queued(abroad, "liao")["reasons"] == ["large_amount"]
    approve(abroad, offer_id, "officer-1")
    with pytest.raises(Rejected):
        approve(abroad, offer_id, "officer-1")
    with pytest.raises(Rejected):
        counter.post(f"/v1/offers/{offer_id}/collect", {})
    approve(abroad, offer_id, "officer-2")
    ready = counter.post(f"/v1/offers/{offer_id}/collect", {})
    liao.accept(Offer(get_text(ready, "offer"), get_text(ready, "tx_code")))
    assert liao.present().outcome() == GOOD


def test_officer_approves_by_command_line_with_a_token_of_their_own(abroad: Abroad) -> None:
    def passport(*words: str) -> Result:
        return CliRunner().invoke(
            app, [*words, "--json", "--world", str(abroad.standing.installation.root / "sandbox.json")]
        )

    mine = passport("offer", "--customer", "liao", "--credential", "proof-of-funds", "--officer", "officer-1")
    offer_id = json.loads(mine.stdout)["offer_id"]
    refused = passport("bank", "approve", offer_id, "--officer", "officer-1")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (1, "not_authorised")
    nobody = passport("bank", "approve", offer_id, "--officer", "officer-9")
    assert nobody.exit_code == 2
    assert "officer-1, officer-2" in nobody.stdout
    made = json.loads(passport("bank", "approve", offer_id, "--officer", "officer-2").stdout)
    # Before a code is typed, the wallet names the bank as the registry does.
    with abroad.person("ho").wallet() as wallet:
        name = wallet.read_offer(made["offer"]).issuer_name
    assert name is not None
    assert (name.en, name.zh_tw) == (BANK_A.name_en, BANK_A.name_zh)


def test_revoked_is_final(abroad: Abroad) -> None:
    lai = abroad.person("lai")
    case = lai.present()
    assert case.outcome() == GOOD
    abroad.revoke("lai")
    eventually(lambda: case.follow_up() == "revoked", "revoked at bank X")
    assert lai.present().outcome()[:2] == ("refused", ["revoked"])


@pytest.mark.parametrize(
    "point", ["token.after_commit", "cred.before_sign", "cred.after_sign", "cred.after_commit"]
)
def test_bank_a_killed_at_f01_to_f04_the_wallet_retries_and_holds_the_same_bytes_once(
    abroad: Abroad, point: str
) -> None:
    """Every copy that the bank has recorded since is in the wallet, byte for byte, once, and none besides."""
    hsu = abroad.person("hsu")
    before = recorded_leaves(abroad, "hsu")
    abroad.restart("bank_a", {"FAULT_POINT": point})
    offer = hsu.offered("proof-of-funds")
    assert not accept_through_a_crash(hsu, offer)
    bank = abroad.standing.children["bank_a"]
    assert bank.process is not None
    assert bank.process.wait(10) == -9
    abroad.start("bank_a")
    hsu.accept(offer)
    held = hsu.newest_copies()
    hsu.accept(offer)
    assert hsu.newest_copies() == held
    recorded = recorded_leaves(abroad, "hsu")
    recorded.subtract(before)
    # I1, I4: one row and one leaf for each copy that the wallet holds, and none besides.
    assert +recorded == Counter(leaf_of(abroad, PROOF_OF_FUNDS, text) for text in held)
    assert recorded.total() == 5
    # I3: no two copies share a place in the status list.
    assert max(recorded_places(abroad).values()) == 1


def recorded_leaves(world: Abroad, customer: str) -> Counter[bytes]:
    """The leaf of each copy in bank A's own record."""
    database = world.standing.installation.state("bank_a") / "issuer.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT leaf FROM credential WHERE customer = ?", (customer,)).fetchall()
    return Counter(bytes(row[0]) for row in rows)


def recorded_places(world: Abroad) -> Counter[tuple[int, int]]:
    """The place in a status list of each copy that bank A ever issued."""
    database = world.standing.installation.state("bank_a") / "issuer.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        return Counter(connection.execute("SELECT list_number, list_index FROM credential").fetchall())


def leaf_of(world: Abroad, vct: Vct, text: str) -> bytes:
    claims = OpenClaims.read(as_object(loads(parse(text).issuer_jwt.unverified_payload)))
    scope = AnchorScope(
        chain_id=claims.anchor.chain_id,
        registry=claims.anchor.registry,
        issuer=world.standing.accreditation.dids["bank_a"].address,
        schema=schema_id(vct),
    )
    return leaf_hash(scope, salt=claims.anchor.salt, credential_hash=credential_hash(text))


def test_anchor_pending_then_anchored(abroad: Abroad) -> None:
    """A bank whose clock for anchors strikes once an hour: bank X cannot tell, until the bank catches up."""
    abroad.restart("bank_a", {"ISSUER_ANCHOR_INTERVAL": "3600"})
    kuo = abroad.person("kuo").equipped()
    assert kuo.present().outcome()[:2] == ("review", ["anchor_pending"])
    abroad.restart("bank_a")
    eventually(lambda: kuo.present().outcome() == GOOD, "anchored, and known to bank X")


def test_never_anchored_is_refused_once_the_promised_delay_is_over(abroad: Abroad) -> None:
    """Signed by bank A's own key, minutes ago as it says, and on no ledger: what a thief of the key writes.

    It says a time when the key had its certificate, and was not on the ledger yet: so the hub does not vouch for it
    either, and a refusal weighs more than a doubt.
    """
    lie = Lie.by(abroad.person("ho").equipped())
    genuine = parse(lie.texts[PROOF_OF_FUNDS])
    payload = dict(as_object(loads(genuine.issuer_jwt.unverified_payload)))
    anchor = dict(get_object(payload, "anchor"))
    place = abroad.standing.installation
    (certificate,) = load_pem_x509_certificates(place.certificate("bank_a").read_bytes())
    earlier = get_integer(payload, "iat") - to_epoch(certificate.not_valid_before_utc) - 120
    payload |= {name: get_integer(payload, name) - earlier for name in ("iat", "exp")}
    anchor |= {"due": get_integer(anchor, "due") - earlier, "salt": b64u_encode(secrets.token_bytes(32))}
    stolen = PrivateKeySigner(load_p256_key(place.signing_key("bank_a"), "bank A's key"))
    header = dict(parse_compact(genuine.issuer_jwt_text).unverified_header)
    forged = sign_token(
        kind=TokenType.CREDENTIAL,
        payload=payload | {"anchor": anchor},
        signer=stolen,
        header={name: value for name, value in header.items() if name not in {"alg", "typ"}},
    )
    application = abroad.application()
    lie.tell(application, "~".join([forged, *genuine.disclosures, ""]))
    result = application.result()
    assert (result["status"], result["reasons"]) == ("refused", ["fraud_unknown", "anchor_missing"])
    again = abroad.application()
    lie.tell(again)
    assert again.result()["status"] == "verified"


def test_wallet_hears_the_same_whatever_the_hub_says(abroad: Abroad) -> None:
    """Neither bytes nor headers of the answer tell a suspect off; the date and the request's own id are not told."""
    lie = Lie.by(abroad.person("kuo").equipped())
    heard = []
    for warned in (False, True):
        if warned:
            abroad.police.warn("kuo")
        application = abroad.application()
        answer = lie.tell(application)
        assert application.result()["status"] == ("refused" if warned else "verified")
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        heard.append((answer.status_code, answer.content, headers))
    abroad.police.lift("kuo")
    assert heard[0] == heard[1]
    assert heard[0][:2] == (200, b"{}")


def test_chain_down(abroad: Abroad) -> None:
    ho = abroad.person("ho").equipped()
    case = abroad.apply()
    with ho.wallet() as wallet:
        view = wallet.review(case.request)
        with abroad.without("ledger", killed=True):
            wallet.present(view)
            status, reasons, _ = case.outcome()
            eventually(lambda: case.follow_up() == "unknown", "no cached yes from bank X")
    assert status == "review"
    assert "ledger_unavailable" in reasons
    eventually(lambda: ho.present().outcome() == GOOD, "good again once the chain is back")


def test_after_all_this_no_log_holds_anything_of_a_customer(abroad: Abroad) -> None:
    """Kills, refusals and outages included: what a process writes when something goes wrong."""
    canaries = canaries_of(abroad.standing.world.customers)
    for name in abroad.standing.children:
        log = abroad.log(name)
        assert log.count("\n") > 1, name
        assert in_text(log, canaries) == set(), name
        assert "Traceback" not in log, name
