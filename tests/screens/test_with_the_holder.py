"""The screen over the real holder, in a world in memory: every way in ends at the same gate (threats T03, T04)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from textual.widgets import Input

from holder import RecoveryPhrase, Wallet
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from tests.simulators.asker import SimulatedVerifier
from tests.simulators.bank import SimulatedBank
from tests.simulators.consortium import Consortium, Entropy, Network
from tests.simulators.keyboard import OpenApp, Person

CODE = "493536"
PHRASE = RecoveryPhrase.read("abandon " * 23 + "art")


class World:
    """A bank, a verifier, and a wallet file that one passphrase opens."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wallet"
        self.consortium = Consortium()
        self.network = Network()
        self.entropy = Entropy("screen")
        self.bank = SimulatedBank.join(self.consortium)
        self.verifier = SimulatedVerifier.join(self.consortium)
        for party in (self.bank, self.verifier):
            self.network.hosts[party.member.url] = party

    def exists(self) -> bool:
        return self.path.exists()

    def create(self, passphrase: str, /) -> str:
        WalletStore.create(
            self.path,
            passphrase=passphrase,
            phrase=PHRASE,
            restored=False,
            clock=self.consortium.clock,
            entropy=self.entropy,
        )
        return PHRASE.words

    def open(self, passphrase: str, /) -> Wallet:
        store = WalletStore.open(
            self.path,
            lambda header: header.open_with_passphrase(passphrase),
            entropy=self.entropy,
            seen_directory=self.path.parent / "seen",
        )
        return Wallet(
            store=store,
            gate=TrustGate(self.consortium, store, self.consortium.clock, [self.consortium.root.certificate]),
            web=self.network,
            clock=self.consortium.clock,
            entropy=self.entropy,
            pause=lambda _: None,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def made(person: Person) -> None:
    """A new wallet, up to its empty list."""
    await person.paste("correct horse")
    await person.paste("correct horse")
    await person.press("tab", "enter")
    for place in (0, 6, 23):
        await person.paste(PHRASE.words.split()[place])
    assert person.screen == "CredentialsScreen"


async def test_from_a_new_wallet_to_a_receipt(at_keyboard: OpenApp, world: World) -> None:
    async with at_keyboard(door=world, unlock=False) as person:
        await made(person)
        await person.press("a")
        await person.paste(world.bank.offer("proof-of-funds", "identity"))
        assert world.bank.member.url in person.reads
        await person.paste("000000")
        assert "five tries" in person.news
        await person.paste(CODE)
        assert "Saved in your wallet" in person.reads
        await person.press("escape", "p")
        await person.paste(world.verifier.ask())
        assert "LIN MEI-LING" in person.reads
        assert not any(asked.bodies for asked in world.verifier.transactions.values())
        await person.press("tab", "space", "tab", "enter")
        assert "Delivered to Bank X" in person.reads
        assert set(world.verifier.verified()) == {"identity", "funds"}
        await person.press("enter", "h")
        assert "Bank X · delivered" in person.reads
        await person.press("enter")
        assert "To open an account" in person.reads
        await person.press("escape", "escape", "enter")
        assert person.reads.count("nobody") == 4


async def test_every_way_in_on_the_screen_ends_at_the_gate(at_keyboard: OpenApp, world: World) -> None:
    """A link that is pasted, by value or by reference, to bank or verifier: nobody unknown is even asked."""
    ours, evil = quote(world.bank.member.url, safe=""), quote("https://evil.example", safe="")
    by_value = world.bank.offer("identity").replace(ours, evil)
    by_reference = f"openid-credential-offer://?credential_offer_uri={evil}%2Foffers%2F1"
    request = world.verifier.ask().replace(quote(world.verifier.member.url, safe=""), evil)
    async with at_keyboard(door=world, unlock=False) as person:
        await made(person)
        for offer in (by_value, by_reference):
            await person.press("a")
            await person.paste(offer)
            assert "Do not type any code" in person.news
            assert [field.id for field in person.app.screen.query(Input)] == ["link"]
            await person.press("escape")
        await person.press("p")
        await person.paste(request)
        assert person.screen == "PresentScreen"
        assert "Nobody vouches for whoever asks" in person.news
        assert world.network.requests == []
