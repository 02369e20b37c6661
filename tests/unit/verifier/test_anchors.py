"""Standing as of the anchor's block time (design section 4, step 3; threats T18, T43)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from passport.anchor import AnchorProof, LeafFile, Tree
from passport.clock import to_epoch
from passport.openid4vp import AuthorizationResponse, write_response
from passport.registry import ParticipantKey
from passport.strict_json import JsonObject
from tests.simulators.verifier_desk import Desk, Opened
from tests.simulators.verifier_world import ANCHOR, CHAIN_ID, IDENTITY_PATHS, START, BankInMemory


async def outcome(opened: Opened) -> tuple[object, object]:
    result = await opened.result()
    return result["status"], result["reasons"]


async def test_pending_anchor_is_could_not_tell(desk: Desk) -> None:
    opened = await desk.open()
    assert (await opened.post(await opened.body(), anchored=False)).status_code == 200
    assert await outcome(opened) == ("review", ["anchor_pending"])


@pytest.mark.parametrize(("age", "expected"), [(60, "anchor_pending"), (61, "anchor_missing")])
async def test_promised_delay_is_sixty_seconds(desk: Desk, age: int, expected: str) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.clock.advance(timedelta(seconds=age))
    await opened.post(await opened.body(credentials), anchored=False)
    status = "review" if expected == "anchor_pending" else "refused"
    assert await outcome(opened) == (status, [expected])


async def test_due_that_a_thief_writes_buys_no_time(desk: Desk) -> None:
    opened = await desk.open()
    late = {**ANCHOR, "salt": "A" * 43, "due": to_epoch(START + timedelta(days=9))}
    honest = desk.credentials(anchor=late)
    credentials = {
        **honest,
        "identity": (desk.bank.identity(desk.holder.signer, anchor=late), IDENTITY_PATHS),
    }
    desk.clock.advance(timedelta(seconds=61))
    await opened.post(await opened.body(credentials), anchored=False)
    assert await outcome(opened) == ("refused", ["anchor_missing"])


async def test_missing_anchor_is_not_told_while_the_chain_is_down(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.clock.advance(timedelta(minutes=5))
    body = await opened.body(credentials)
    desk.ledger.go_down()
    await opened.post(body, anchored=False)
    assert await outcome(opened) == ("review", ["ledger_unavailable"])


async def test_anchor_on_another_chain(desk: Desk) -> None:
    opened = await desk.open()
    other = {**ANCHOR, "chain_id": CHAIN_ID + 1, "salt": "A" * 43, "due": to_epoch(START)}
    await opened.answer(desk.credentials(anchor=other))
    assert await outcome(opened) == ("refused", ["wrong_chain"])


async def test_anchor_in_another_registry(desk: Desk) -> None:
    opened = await desk.open()
    other = {**ANCHOR, "registry": "0x" + "b2" * 20, "salt": "A" * 43, "due": to_epoch(START)}
    await opened.answer(desk.credentials(anchor=other))
    assert await outcome(opened) == ("refused", ["anchor_missing"])


async def test_issue_time_long_before_the_anchor(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.clock.advance(timedelta(seconds=61))
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["issued_outside_promised_delay"])


async def test_withdrawn_after_the_anchor_is_a_note(desk: Desk) -> None:
    credentials = desk.credentials()
    desk.anchor()
    desk.clock.advance(timedelta(days=1))
    desk.ledger.change_grants(desk.bank.did.address, withdrawn_from=START + timedelta(hours=1))
    opened = await desk.open()
    await opened.post(await opened.body(credentials))
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("verified", [])
    assert set(result["notes"]) == {"issuer_no_longer_accredited"}  # type: ignore[arg-type]


async def test_withdrawal_with_effect_before_the_anchor(desk: Desk) -> None:
    credentials = desk.credentials()
    desk.anchor()
    desk.clock.advance(timedelta(days=1))
    desk.ledger.change_grants(desk.bank.did.address, withdrawn_from=START)
    opened = await desk.open()
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["issuer_not_accredited"])


async def test_lapsed_grant_is_a_note(desk: Desk) -> None:
    credentials = desk.credentials()
    desk.anchor()
    desk.ledger.grant_list = [
        replace(grant, valid_until=START + timedelta(hours=1)) for grant in desk.ledger.grant_list
    ]
    desk.clock.advance(timedelta(hours=2))
    opened = await desk.open()
    await opened.post(await opened.body(credentials))
    result = await opened.result()
    assert (result["status"], set(result["notes"])) == ("verified", {"issuer_no_longer_accredited"})  # type: ignore[arg-type]


async def test_suspension_now_refuses_what_was_anchored_before(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    desk.ledger.change_grants(desk.bank.did.address, suspended=True)
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["issuer_suspended"])


async def test_thiefs_anchor_stays_dead_when_the_bank_is_accredited_again(desk: Desk) -> None:
    """Grants are append-only: a new one does not bring back what was anchored under a withdrawn one."""
    credentials = desk.credentials()
    desk.anchor()
    desk.clock.advance(timedelta(days=1))
    address = desk.bank.did.address
    old = list(desk.ledger.grant_list)
    desk.ledger.change_grants(address, withdrawn_from=START)
    for grant in old:
        desk.ledger.accredit(address, grant.role, grant.schema)
    opened = await desk.open()
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["issuer_not_accredited"])


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (START, ("refused", ["issuer_key_stolen"])),
        (START + timedelta(seconds=1), ("verified", [])),
    ],
)
async def test_key_stolen(desk: Desk, since: Any, expected: tuple[str, list[str]]) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    thumbprint = desk.bank.signer.public_jwk.thumbprint()
    desk.ledger.keys[desk.bank.did.address, thumbprint] = ParticipantKey(
        thumbprint, START - timedelta(days=30), stolen_since=since
    )
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == expected


async def test_rotated_key_still_vouches_for_what_it_signed(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    thumbprint = desk.bank.signer.public_jwk.thumbprint()
    desk.ledger.keys[desk.bank.did.address, thumbprint] = ParticipantKey(
        thumbprint, START - timedelta(days=30), valid_until=START + timedelta(seconds=1)
    )
    desk.clock.advance(timedelta(minutes=1))
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("verified", [])


async def test_anchor_that_a_reorganisation_took_back(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    desk.ledger.anchors.clear()
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("review", ["anchor_pending"])


async def test_anchor_that_a_reorganisation_put_into_an_earlier_block(desk: Desk) -> None:
    desk.credentials()
    desk.anchor()
    desk.follow()
    opened = await desk.open()
    credentials = desk.credentials()
    desk.bank.anchor_all()
    for key, record in list(desk.ledger.anchors.items())[-2:]:
        desk.ledger.anchors[key] = replace(record, block=replace(record.block, number=1))
    desk.ledger.rollbacks += 1
    desk.follow()
    desk.clock.advance(timedelta(seconds=60))
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("verified", [])


async def test_leaf_copied_into_another_banks_batch_is_no_anchor(desk: Desk) -> None:
    """Bank B, accredited itself, anchors what it saw of bank A's leaves."""
    other = BankInMemory(
        desk.clock, desk.ledger, desk.consortium, base_url="https://bank-b.example", files=desk.files
    )
    other.join()
    opened = await desk.open()
    credentials = desk.credentials()
    other.waiting, desk.bank.waiting = desk.bank.waiting, []
    other.anchor_all()
    desk.follow()
    assert len([url for url in desk.files.asked if url.startswith("https://bank-b.example/leaves/")]) == 2
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("review", ["anchor_pending"])


async def test_leaf_file_of_another_root_counts_for_nothing(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.bank.anchor_all()
    for url in [url for url in desk.files.files if "/leaves/" in url]:
        leaves = LeafFile(Tree([bytes([place]) * 32 for place in range(8)])).to_bytes()
        desk.files.files[url] = leaves
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("review", ["anchor_pending"])


async def test_presenting_asks_the_bank_nothing_even_when_it_is_stopped(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    desk.files.down = True
    asked = len(desk.files.asked)
    await opened.post(await opened.body(credentials), anchored=False)
    assert await outcome(opened) == ("verified", [])
    assert len(desk.files.asked) == asked


async def test_presenting_works_after_a_restart_with_the_bank_stopped(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    desk.files.down = True
    desk.restart()
    desk.follow()
    await opened.post(await opened.body(credentials), anchored=False)
    assert await outcome(opened) == ("verified", [])


async def test_what_is_here_is_fetched_once(desk: Desk) -> None:
    desk.credentials()
    desk.anchor()
    asked = list(desk.files.asked)
    for _ in range(5):
        desk.follow()
    assert desk.files.asked == asked
    assert len(set(asked)) == len(asked) == 3


async def post_with_proofs(desk: Desk, opened: Opened, credentials: Any, proofs: list[JsonObject]) -> None:
    request = await opened.request()
    shown = {
        query: [desk.holder.show(text, paths, nonce=request.nonce, aud=request.client_id)]
        for query, (text, paths) in credentials.items()
    }
    response = AuthorizationResponse.read(
        {"vp_token": shown, "state": request.state, "anchor_proofs": proofs}
    )
    await opened.post(write_response(response), anchored=False)


async def test_proofs_that_the_wallet_sends_along(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    leaves = [leaf for _, leaf in desk.bank.waiting]
    desk.bank.anchor_all()
    desk.files.down = True
    proofs: list[JsonObject] = []
    for record in desk.ledger.anchors.values():
        content = desk.files.files[f"{desk.bank.base_url}/leaves/{record.root.hex()}"]
        tree = LeafFile.parse(content, root=record.root, size=record.size).tree
        leaf = next(leaf for leaf in leaves if leaf in tree.leaves)
        proofs.append(AnchorProof.of(record, tree.proof_of(leaf)).to_object())
    await post_with_proofs(desk, opened, credentials, [{"nonsense": 1}, *reversed(proofs)])
    assert await outcome(opened) == ("verified", [])


async def test_proof_under_a_root_that_the_ledger_does_not_have(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    leaves = [leaf for _, leaf in desk.bank.waiting]
    trees = [Tree([leaf]) for leaf in leaves]
    record = desk.bank.anchor_all()
    desk.files.down = True
    proofs = [
        AnchorProof.of(replace(record, root=tree.root, size=1), tree.proof_of(leaf)).to_object()
        for tree, leaf in zip(trees, leaves, strict=True)
    ]
    await post_with_proofs(desk, opened, credentials, proofs)
    assert await outcome(opened) == ("review", ["anchor_pending"])


async def test_proof_of_another_leaf_under_an_anchored_root(desk: Desk) -> None:
    """The root is on the ledger and the path leads to it, but from somebody else's credential."""
    desk.credentials()
    others = [leaf for _, leaf in desk.bank.waiting]
    desk.bank.anchor_all()
    proofs: list[JsonObject] = []
    for record in desk.ledger.anchors.values():
        content = desk.files.files[f"{desk.bank.base_url}/leaves/{record.root.hex()}"]
        tree = LeafFile.parse(content, root=record.root, size=record.size).tree
        leaf = next(leaf for leaf in others if leaf in tree.leaves)
        proofs.append(AnchorProof.of(record, tree.proof_of(leaf)).to_object())
    opened = await desk.open()
    credentials = desk.credentials()
    await post_with_proofs(desk, opened, credentials, proofs)
    assert await outcome(opened) == ("review", ["anchor_pending"])
