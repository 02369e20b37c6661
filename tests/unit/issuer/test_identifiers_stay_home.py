"""Nothing by which the bank's file knows a customer leaves for the hub: not on the wire, and not into what the hub keeps.

The canaries are made of the bank's file itself, so that a field that is added there is looked for here.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraud_check.client import NoticeDraft, account_subject, person_subject
from issuer.ports import ProvenAccounts
from issuer.remote.bank_file import BankFile, FileBank
from issuer.remote.hub import HubDesk
from outbound import FetchLimits, HttpAnswer, HttpClient, InsecureLoopback, OutboundPolicy
from passport.errors import Malformed
from passport.fraud import AlertKind, NoticeKind
from passport.jose import b64u_decode, b64u_encode
from passport.registry import Role
from service.logs import JsonFormatter
from tests.simulators.canaries import (
    NOT_OF_ONE_PERSON,
    Canary,
    as_words,
    canaries_of_bank_file,
    forms_on_a_chain,
    in_bytes,
)
from tests.simulators.hub_world import HubWorld

World = Any


class Wiretap(HttpClient):
    """The bank's own client, with a copy of all that leaves through it."""

    def __init__(self) -> None:
        super().__init__(OutboundPolicy(allowed=InsecureLoopback("sandbox")))
        self.sent: list[bytes] = []

    def get(
        self, url: str, *, accept: Any = ("application/json",), headers: Any = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:  # fmt: skip
        self.sent.append(f"GET {url} {dict(headers or {})}".encode())
        return super().get(url, accept=accept, headers=headers, limits=limits)

    def send(
        self, method: str, url: str, *, body: bytes = b"", content_type: str = "application/json",
        accept: Any = ("application/json",), headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
    ) -> HttpAnswer:  # fmt: skip
        self.sent.append(f"{method} {url} {dict(headers or {})}\n".encode() + body)
        return super().send(
            method, url, body=body, content_type=content_type, accept=accept, headers=headers, limits=limits
        )


def opened(data: bytes) -> bytes:
    """The bytes, and whatever part of them reads as base64url: a token's claims are not hidden by their coding."""
    found = [data]
    for part in re.findall(rb"[A-Za-z0-9_-]{8,}", data):
        try:
            found.append(b64u_decode(part.decode()))
        except Malformed:
            continue
    return b"\n".join(found)


def leaks(data: bytes, canaries: tuple[Canary, ...]) -> set[Canary]:
    """Every canary that the bytes hold: by itself, or in a form too long to be there by chance."""
    # The inner part of a round sum in base64 is a row of zeros, which is in every address.
    long = [one for one in canaries if len(one.text.encode()) >= 6 and "0000000" not in one.text]
    return as_words(opened(data), canaries) | in_bytes(data, forms_on_a_chain(long))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubWorld]:
    world = HubWorld(tmp_path)
    world.start()
    yield world
    world.close()


def test_every_leaf_of_a_customer_is_a_canary_unless_many_share_it(bank_file: dict[str, Any]) -> None:
    """What is left out by name is in the model of the file, and everything else in the model is looked for."""
    customer = BankFile.model_json_schema()["$defs"]["CustomerPart"]["properties"]
    bank_file["customers"][0]["phone"] = "+886-912-345-678"
    bank_file["customers"][0]["address"] = {"lines": ["天母東路 8 號"]}
    found = {one.what for one in canaries_of_bank_file(bank_file)}
    assert {"phone", "address.lines", "key", "person_id", "name_zh", "accounts.number"} <= found
    assert {name for name in customer if name not in NOT_OF_ONE_PERSON | {"document", "accounts"}} <= found


def test_nothing_of_a_customer_reaches_the_hub(
    hub: HubWorld, bank: FileBank, bank_file: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    member, police = hub.participant(Role.MEMBER, Role.ISSUER), hub.participant(Role.POLICE)
    tap = Wiretap()
    client, hub.http = hub.http, tap
    desk = HubDesk(hub.connection(member), hub.member(member), bank.customers)
    lin = ProvenAccounts(
        offer_id="5f0c" * 8,
        accounts=("TW:899:0001:000012345678", "TW:899:0001:000012349999"),
        person="TW:SBLIN",
        handles=tuple(b64u_encode(bytes([n]) * 16) for n in range(5)),
        made_at=datetime.now(UTC).replace(microsecond=0),
    )
    assert desk.before_offer(lin).handles_registered
    desk.register(lin)
    listed = hub.police(police)
    subject, person = account_subject("TW:898:0001:900000000001"), person_subject("TW", "SBLIN")
    tokens = listed.tokens([subject, person])
    for kind, concerns in ((NoticeKind.WARN, None), (NoticeKind.LIFT, "notice-000000warn")):
        listed.notify(
            NoticeDraft(
                id=f"notice-000000{kind}", kind=kind, case="165-7", effective=hub.clock.now(),
                account=tokens[subject], person=tokens[person], concerns=concerns,
            )
        )  # fmt: skip
        hub.clock.moved += timedelta(seconds=1)
    assert AlertKind.DERIVED in {one.kind for one in desk.after(0)}
    desk.cause_gone(lin.person, "4b1d" * 8)
    canaries = canaries_of_bank_file(bank_file)
    assert len(tap.sent) > 8
    assert {one for request in tap.sent for one in leaks(request, canaries)} == set()
    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert leaks(written.encode(), canaries) == set()
    # Before it is closed: the write-ahead log holds what the file does not have yet.
    kept = {path.name: path.read_bytes() for path in hub.folder.glob("hub.sqlite*")}
    assert {"hub.sqlite", "hub.sqlite-wal"} <= set(kept)
    for name, data in kept.items():
        assert leaks(data, canaries) == set(), name
    # The same search finds a customer's key where it is, also within a token.
    for planted in (
        b'{"reference":"---lin:1796047200"}',
        b64u_encode(b'{"jti":"lin:1"}').encode(),
        "林美惠".encode(),
    ):
        assert leaks(b"\x00" + planted + b"\x00", canaries)
    hub.http = client
    tap.close()


async def test_cause_gone_goes_to_the_hub_under_a_random_name(
    world: World, bank_file: dict[str, Any]
) -> None:
    """It was the customer's key and the second, which is a surname and a time."""
    for _ in range(2):
        answer = await world.officer("wu", "/cause-gone", {"customer": "lin", "reason": "verified"})
        assert answer.status_code == 200, answer.text
    first, second = world.hub.references
    assert first != second
    assert all(len(one) >= 22 for one in (first, second))
    canaries = canaries_of_bank_file(bank_file)
    assert leaks(json.dumps([first, second]).encode(), canaries) == set()


async def test_offers_are_registered_under_names_that_say_nothing(
    world: World, bank_file: dict[str, Any]
) -> None:
    """A registration's id is the offer's, and that is random; so are the handles."""
    made = await world.offer()
    assert list(world.hub.handles) == [made["offer_id"]]
    names = json.dumps({name: list(handles) for name, handles in world.hub.handles.items()})
    assert leaks(names.encode(), canaries_of_bank_file(bank_file)) == set()
    assert (await world.offer())["offer_id"] != made["offer_id"]
