"""Reviewing and presenting: what a person is shown, the least that is disclosed, to whom, and once (F07, F37, T52)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from holder.credentials import Outcome
from holder.receipts import read_receipt
from holder.storage.records import Record
from holder.wallet import Wallet
from outbound import HttpAnswer
from passport.disclosable import Disclosable
from passport.errors import Reason, Rejected, Unavailable
from passport.jose import PublicJwk
from passport.openid4vp import RequestLink, RequestUriMethod
from passport.sd_jwt import parse
from passport.strict_json import JsonValue, as_object, loads
from tests.simulators.asker import FUNDS, IDENTITY, SimulatedVerifier, disclosed_names
from tests.simulators.bank import SimulatedBank, answer
from tests.simulators.consortium import Consortium, Network

CODE = "493536"


class World:
    """What the fixture gives, for the type checker."""

    consortium: Consortium
    network: Network
    bank: SimulatedBank
    verifier: SimulatedVerifier
    wallet: Callable[[], Wallet]
    add_verifier: Callable[..., SimulatedVerifier]


@pytest.fixture
def holding(world: World) -> World:
    """A world whose wallet holds an identity and a proof of funds."""
    world.wallet().accept(world.bank.offer("proof-of-funds", "identity"), CODE)
    world.network.requests.clear()
    return world


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize("method", list(RequestUriMethod))
def test_presentation_discloses_what_was_asked_and_nothing_else(
    holding: World, mode: str, method: RequestUriMethod
) -> None:
    holding.verifier.mode, holding.verifier.method = mode, method
    wallet = holding.wallet()
    shown = wallet.present(wallet.review(holding.verifier.ask()))
    assert shown.presentation.outcome is Outcome.DELIVERED
    got = holding.verifier.verified()
    assert disclosed_names(got["identity"]) == {"name_latin", "birth_date"}
    assert disclosed_names(got["funds"]) == {
        "as_of",
        "thresholds",
        "thresholds.total",
        "thresholds.total.usd_50000",
    }
    assert got["identity"].holder_key == got["funds"].holder_key
    assert holding.verifier.received().state is not None


def test_no_request_reaches_the_bank_while_its_customer_presents(holding: World) -> None:
    holding.network.down.add(holding.bank.member.url)
    wallet = holding.wallet()
    wallet.present(wallet.review(holding.verifier.ask()))
    assert {url.split("/")[2] for _, url in holding.network.requests} == {"bank-x.example"}


def test_consent_says_who_asks_for_what_and_what_stays_hidden(holding: World) -> None:
    view = holding.wallet().review(holding.verifier.ask())
    assert (view.verifier_name.en, view.country, view.retention_days) == ("Bank X", "SG", 1825)
    assert view.purpose.zh_tw == "To open an account（中）"
    assert view.answers_to == "https://bank-x.example"
    by_query = {each.query_id: each for each in view.credentials}
    identity = by_query["identity"]
    assert [(claim.place, claim.value.en) for claim in identity.shown] == [
        (("birth_date",), "1988-02-29"),
        (("name_latin",), "LIN MEI-LING"),
    ]
    assert all(claim.label.zh_tw != claim.label.en for claim in identity.shown)
    assert len(identity.hidden) == 3
    funds = by_query["funds"]
    assert [claim.value.zh_tw for claim in funds.shown] == ["2026-05-31T16:00:00Z", "是"]
    assert (view.reuse, view.seen_before, view.offline) == (None, False, False)


def test_reviewing_sends_and_records_nothing(holding: World) -> None:
    wallet = holding.wallet()
    wallet.review(holding.verifier.ask())
    assert [url.split("/")[3] for _, url in holding.network.requests] == ["requests"]
    assert wallet.history() == ()


def test_history_holds_a_signed_receipt_of_the_consent(holding: World) -> None:
    wallet = holding.wallet()
    wallet.present(wallet.review(holding.verifier.ask()))
    (line,) = holding.wallet().history()
    assert line.receipt["verifier"] == str(holding.verifier.member.did)
    assert line.receipt["country"] == "SG"
    assert line.presentation.shown[0].startswith("Passport identity: ")
    assert all(set(as_object(line.receipt[name])) == {"en", "zh-TW"} for name in ("retention", "rights"))
    other = holding.consortium.root.signer.public_jwk
    with pytest.raises(Rejected):
        read_receipt(line.presentation.receipt, other)


@pytest.mark.parametrize(
    "query",
    [
        [{**FUNDS, "claims": [{"path": ["thresholds", "total", "usd_1000000"], "values": [True]}]}],
        [{**FUNDS, "claims": [{"path": ["thresholds", "total", "usd_50000"], "values": [False]}]}],
        [{**FUNDS, "meta": {"vct_values": ["urn:financial-passport:account-ownership:1"]}}],
        [IDENTITY, {**FUNDS, "claims": [{"path": ["encumbrance"]}]}],
    ],
)
def test_with_nothing_to_show_nothing_is_sent(holding: World, query: list[dict[str, object]]) -> None:
    holding.verifier.query = query
    with pytest.raises(Rejected) as caught:
        holding.wallet().review(holding.verifier.ask())
    assert caught.value.reason is Reason.NOTHING_TO_SHOW
    assert all("responses" not in url for _, url in holding.network.requests)


def test_empty_wallet_has_nothing_to_show(world: World) -> None:
    with pytest.raises(Rejected) as caught:
        world.wallet().review(world.verifier.ask())
    assert caught.value.reason is Reason.NOTHING_TO_SHOW


def test_expired_credential_is_not_shown(holding: World) -> None:
    holding.consortium.clock.advance(timedelta(days=31))
    with pytest.raises(Rejected) as caught:
        holding.wallet().review(holding.verifier.ask())
    assert caught.value.reason is Reason.NOTHING_TO_SHOW


def test_newer_proof_of_funds_is_shown_instead_of_the_older_one(holding: World) -> None:
    holding.bank.content["proof-of-funds"] = {
        **holding.bank.content["proof-of-funds"],
        "as_of": Disclosable("2026-06-01T00:00:00Z"),
    }
    wallet = holding.wallet()
    wallet.accept(holding.bank.offer("proof-of-funds"), CODE)
    wallet.present(wallet.review(holding.verifier.ask()))
    assert holding.verifier.verified()["funds"].claims["as_of"] == "2026-06-01T00:00:00Z"


def test_each_verifier_sees_a_key_of_its_own_and_always_the_same_one(holding: World) -> None:
    other = holding.add_verifier(21, "https://bank-y.example")
    wallet = holding.wallet()
    keys: list[PublicJwk] = []
    for asker in (holding.verifier, other, holding.verifier, other):
        view = wallet.review(asker.ask())
        assert view.seen_before is (len(keys) >= 2)
        wallet.present(view)
        keys.append(asker.verified()["identity"].holder_key)
        wallet = holding.wallet()
    assert keys[0] == keys[2]
    assert keys[1] == keys[3]
    assert keys[0] != keys[1]


def texts_in(value: JsonValue) -> set[str]:
    """Every text of 16 characters or more, wherever it is."""
    if isinstance(value, str):
        return {value} if len(value) >= 16 else set()
    if isinstance(value, Mapping):
        return set().union(*(texts_in(each) for each in value.values()))
    return set().union(*(texts_in(each) for each in value)) if isinstance(value, Sequence) else set()


def test_two_verifiers_share_no_key_salt_digest_or_signature(holding: World) -> None:
    """T52: bank, type and certificate are everybody's; nothing else of 16 bytes is the same."""
    other = holding.add_verifier(21, "https://bank-y.example")
    wallet = holding.wallet()
    seen: list[set[str]] = []
    for asker in (holding.verifier, other):
        wallet.present(wallet.review(asker.ask()))
        received = parse(asker.received().vp_token["identity"][0])
        payload = loads(received.issuer_jwt.unverified_payload)
        signature = received.issuer_jwt_text.rpartition(".")[2]
        binding = (received.key_binding_jwt or "").split(".")
        seen.append(texts_in(payload) | set(received.disclosures) | {signature, binding[1], binding[2]})
    assert len(seen[0]) > 8
    assert seen[0] & seen[1] == {
        "https://bank-a.example",
        "https://bank-a.example/status/1",
        "urn:financial-passport:identity:1",
    }


def test_without_a_free_key_the_wallet_asks_and_says_who_could_link(holding: World) -> None:
    wallet = holding.wallet()
    for number in range(5):
        asker = holding.add_verifier(30 + number, f"https://v{number}.example")
        wallet.present(wallet.review(asker.ask()))
    view = wallet.review(holding.verifier.ask())
    assert view.reuse is not None
    assert view.reuse.seen_by_name == "Bank X"
    with pytest.raises(Rejected) as caught:
        wallet.present(view)
    assert caught.value.reason is Reason.NO_FREE_SLOT
    assert all("responses" not in url for _, url in holding.network.requests[-1:])
    wallet.present(view, allow_reuse=True)
    assert wallet.history()[0].receipt["reused_key_seen_by"] == view.reuse.seen_by_did


def test_w3c_copy_that_shares_a_shown_key_was_itself_shown_to_nobody(holding: World) -> None:
    wallet = holding.wallet()
    wallet.accept(holding.bank.offer("proof-of-funds-vc11", "identity"), CODE)
    for number in range(5):
        wallet.present(wallet.review(holding.add_verifier(30 + number, f"https://v{number}.example").ask()))
    owners = [each for listed in wallet.list() for each in listed.copies if listed.format == "dc+sd-jwt"]
    assert all(copy.key_known_to for copy in owners)
    (carried,) = [listed for listed in wallet.list() if listed.format == "ldp_vc"]
    assert carried.free_copies == 1


def test_new_copies_after_every_key_was_seen_are_for_fresh_keys(holding: World) -> None:
    wallet = holding.wallet()
    for number in range(5):
        asker = holding.add_verifier(30 + number, f"https://v{number}.example")
        wallet.present(wallet.review(asker.ask()))
    wallet.accept(holding.bank.offer("proof-of-funds", "identity"), CODE)
    assert [copy.slot for copy in wallet.list()[0].copies] == [5, 6, 7, 8, 9]
    view = wallet.review(holding.verifier.ask())
    assert view.reuse is None
    assert view.plan.slot == 5


def test_answer_that_was_lost_is_sent_again_with_the_same_bytes(holding: World) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.network.lose = {len(holding.network.requests) + 1}
    shown = wallet.present(view)
    assert shown.presentation.outcome is Outcome.DELIVERED
    (asked,) = holding.verifier.transactions.values()
    assert len(asked.bodies) == 2
    assert asked.bodies[0] == asked.bodies[1]


def test_unknown_delivery_is_told_and_settled_by_the_same_request_later(holding: World) -> None:
    wallet, link = holding.wallet(), holding.verifier.ask()
    view = wallet.review(link)
    holding.network.lose = set(range(1, 100))
    with pytest.raises(Unavailable, match="not known whether"):
        wallet.present(view)
    holding.network.lose = set()
    again = holding.wallet()
    pending = again.pending(link)
    assert pending is not None
    assert pending.outcome is Outcome.UNKNOWN
    assert again.resend(pending).presentation.outcome is Outcome.DELIVERED
    (asked,) = holding.verifier.transactions.values()
    assert len(set(asked.bodies)) == 1


def test_killed_after_sending_it_is_settled_by_the_same_request_later(
    holding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    wallet, link = holding.wallet(), holding.verifier.ask()
    save = wallet._store.save

    def killing(record: Record) -> None:
        if record.kind == "presentation_settled":
            raise Killed
        save(record)

    view = wallet.review(link)
    with monkeypatch.context() as patched:
        patched.setattr(wallet._store, "save", killing)
        with pytest.raises(Killed):
            wallet.present(view)
    again = holding.wallet()
    pending = again.pending(link)
    assert pending is not None
    assert again.resend(pending).presentation.outcome is Outcome.DELIVERED


def test_an_answer_that_came_too_late_is_told_as_that(holding: World) -> None:
    holding.verifier.answers = [answer(400, {"error": "expired"})]
    wallet, link = holding.wallet(), holding.verifier.ask()
    with pytest.raises(Rejected, match="expired: ask the verifier for a new one") as caught:
        wallet.present(wallet.review(link))
    assert caught.value.reason is Reason.EXPIRED
    assert wallet.pending(link) is None


def test_conflict_of_another_answer_is_a_refusal(holding: World) -> None:
    holding.verifier.answers = [answer(409, {"error": "transaction_closed"})]
    wallet, link = holding.wallet(), holding.verifier.ask()
    with pytest.raises(Rejected) as caught:
        wallet.present(wallet.review(link))
    assert caught.value.reason is Reason.TRANSACTION_CLOSED
    assert wallet.pending(link) is None
    assert wallet.history()[0].presentation.outcome is Outcome.REFUSED


def test_refused_answer_is_not_told_as_delivered(holding: World) -> None:
    holding.verifier.answers = [HttpAnswer(400, "text/html", {}, b"<html>")]
    wallet = holding.wallet()
    with pytest.raises(Rejected):
        wallet.present(wallet.review(holding.verifier.ask()))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"redirect_uri": "https://bank-x.example/done?code=1"}, "https://bank-x.example/done?code=1"),
        ({"redirect_uri": "javascript:alert(1)"}, None),
        ({}, None),
    ],
)
def test_only_a_plain_redirect_is_passed_on(
    holding: World, said: dict[str, object], kept: str | None
) -> None:
    holding.verifier.answer_document = said
    wallet = holding.wallet()
    assert wallet.present(wallet.review(holding.verifier.ask())).redirect_uri == kept


def test_consent_given_too_late_sends_nothing(holding: World) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.consortium.clock.advance(timedelta(minutes=6))
    with pytest.raises(Rejected) as caught:
        wallet.present(view)
    assert caught.value.reason is Reason.EXPIRED
    assert wallet.history() == ()


def test_receipt_and_answer_are_saved_before_anything_leaves(
    holding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())

    def failing(_record: Record) -> None:
        raise Unavailable(Reason.STORAGE_UNAVAILABLE, "the disk is full")

    monkeypatch.setattr(wallet._store, "save", failing)
    with pytest.raises(Unavailable):
        wallet.present(view)
    assert all("responses" not in url for _, url in holding.network.requests)


def test_optional_credential_is_not_volunteered(holding: World) -> None:
    asker = holding.verifier
    link = asker.ask()
    (asked,) = asker.transactions.values()
    asked.payload["dcql_query"] = {
        "credentials": [IDENTITY, FUNDS],
        "credential_sets": [{"options": [["identity"]]}, {"options": [["funds"]], "required": False}],
    }
    wallet = holding.wallet()
    view = wallet.review(link)
    assert [each.query_id for each in view.credentials] == ["identity"]
    wallet.present(view)
    assert json.dumps(sorted(asker.received().vp_token)) == '["identity"]'


def test_ledger_out_of_reach_does_not_stop_presenting_to_a_known_verifier(holding: World) -> None:
    holding.consortium.down = True
    holding.consortium.clock.advance(timedelta(hours=1))
    wallet = holding.wallet()
    tried = holding.consortium.reads
    view = wallet.review(holding.verifier.ask())
    assert view.offline
    assert holding.consortium.reads == tried + 1
    wallet.present(view)
    assert RequestLink.parse(holding.verifier.ask()).request_uri is not None


@pytest.mark.parametrize("change", [{"suspended": True}, {"evidence_hash": b"e" * 32}])
def test_verifier_that_lost_its_accreditation_while_the_person_thought_gets_nothing(
    holding: World, change: Mapping[str, object]
) -> None:
    wallet = holding.wallet()
    view = wallet.review(holding.verifier.ask())
    holding.consortium.edit(holding.verifier.member.did, lambda grant: replace(grant, **change))  # type: ignore[arg-type]
    holding.consortium.clock.advance(timedelta(seconds=30))
    with pytest.raises(Rejected) as caught:
        wallet.present(view)
    assert caught.value.reason is Reason.VERIFIER_NOT_ACCREDITED
    assert [asked.bodies for asked in holding.verifier.transactions.values()] == [[]]
    assert wallet.history() == ()


def test_answer_that_waits_is_not_sent_again_to_a_verifier_that_lost_its_accreditation(
    holding: World,
) -> None:
    wallet, link = holding.wallet(), holding.verifier.ask()
    view = wallet.review(link)
    holding.network.lose = set(range(1, 100))
    with pytest.raises(Unavailable, match="not known whether"):
        wallet.present(view)
    holding.network.lose = set()
    (asked,) = holding.verifier.transactions.values()
    before = len(asked.bodies)
    holding.consortium.edit(holding.verifier.member.did, lambda grant: replace(grant, suspended=True))
    again = holding.wallet()
    pending = again.pending(link)
    assert pending is not None
    with pytest.raises(Rejected) as caught:
        again.resend(pending)
    assert caught.value.reason is Reason.VERIFIER_NOT_ACCREDITED
    assert len(asked.bodies) == before
    assert again.pending(link) is not None
