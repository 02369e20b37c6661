"""The whole world of the sandbox while it runs, and people in it whose wallets are honest: the real ones.

For tests of journeys. Nothing here replaces a part; what a bank's clerk, an officer, the police and a holder would do
is done through the same front doors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from holder.wallet import Wallet
from holder.wiring import TrustSettings, create_wallet, open_wallet
from outbound import JsonInterface
from passport.disclosable import ClaimPath
from passport.errors import Unavailable
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.jose import Signer
from passport.strict_json import JsonObject, as_object, get_array, get_text
from sandbox.clean_room import HubDesks
from sandbox.installation import Party
from sandbox.journey.issuing import one_time_code
from sandbox.police import Police
from sandbox.standing_world import WORLD_FILE, StandingWorld
from tests.simulators.raw_wallet import Application, show

BOTH = ("proof-of-funds", "identity")
PASSPHRASE = "seven small boats"
LONG_ENOUGH = 15.0
_IDENTITY: tuple[ClaimPath, ...] = (
    ("name_latin",),
    ("birth_date",),
    ("nationality",),
    ("document", "expiry"),
)
_FUNDS: tuple[ClaimPath, ...] = (
    ("holder", "name_latin"),
    ("as_of",),
    ("any_joint",),
    ("thresholds", "total", "usd_50000"),
    ("thresholds", "min28d", "usd_50000"),
)


def eventually(condition: Callable[[], bool], what: str, seconds: float = LONG_ENOUGH) -> float:
    """Wait until it holds; how many seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"expected within {seconds:.0f} s: {what}"
        time.sleep(0.03)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Case:
    """An application at bank X, as its officer sees it."""

    bank: JsonInterface
    described: JsonObject

    @property
    def request(self) -> str:
        """What the wallet is handed."""
        return get_text(self.described, "request")

    @property
    def id(self) -> str:
        """The application's id."""
        return get_text(self.described, "id")

    def result(self, *, wait: bool = True) -> JsonObject:
        """The result, once it is settled."""
        path = urlsplit(get_text(self.described, "result_url")).path
        return self.bank.get(path if wait else f"{path}?wait=0")

    def outcome(self) -> tuple[str, list[str], list[str]]:
        """Status, reasons and notes."""
        result = self.result()
        return (
            get_text(result, "status"),
            [str(one) for one in get_array(result, "reasons")],
            [str(one) for one in get_array(result, "notes")],
        )

    def follow_up(self) -> str:
        """How the credentials stand now."""
        return get_text(self.bank.get(f"/v1/applications/{self.id}/follow-up"), "status")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer is handed."""

    link: str
    tx_code: str


@dataclass(frozen=True, slots=True)
class Abroad:
    """The running world."""

    standing: StandingWorld

    @property
    def police(self) -> Police:
        """Who lists and releases accounts."""
        return Police(HubDesks(self.standing.installation, self.standing.accreditation), self.standing.world)

    @property
    def bank_a(self) -> JsonInterface:
        """Bank A, as its operator."""
        return self._interface(self.standing.installation.bank_a, "bank A")

    def officer(self, name: str) -> JsonInterface:
        """Bank A, as one of its officers."""
        place = self.standing.installation
        token = (place.officers / f"{name}.token").read_text().strip()
        return JsonInterface(place.bank_a.base_url, token, who="bank A")

    def revoke(self, customer: str) -> None:
        """Both of bank A's officers: one asks, the other agrees."""
        asked = self.officer("officer-1").post(
            "/v1/operator/credentials/revoke", {"customer": customer, "reason": "closed"}
        )
        self.officer("officer-2").post(
            f"/v1/operator/revocations/{get_text(asked, 'revocation_id')}/approve", {}
        )

    def bank_x_officer(self, name: str) -> JsonInterface:
        """Bank X, as one of its officers."""
        place = self.standing.installation
        token = (place.bank_x_officers / f"{name}.token").read_text().strip()
        return JsonInterface(place.bank_x.base_url, token, who="bank X")

    @property
    def bank_x(self) -> JsonInterface:
        """Bank X, as its own system."""
        return self._interface(self.standing.installation.bank_x, "bank X")

    def _interface(self, party: Party, who: str) -> JsonInterface:
        token = self.standing.installation.token(party.name).read_text().strip()
        return JsonInterface(party.base_url, token, who=who)

    def person(self, name: str) -> Person:
        """A customer of bank A with their wallet; the same one when asked again."""
        return Person(self, name)

    def apply(self) -> Case:
        """A new application at bank X."""
        bank = self.bank_x
        return Case(bank, bank.post("/v1/applications", {"policy": "account-opening"}))

    def application(self) -> Application:
        """A new application at bank X, as whoever writes their own wallet sees it."""
        party = self.standing.installation.bank_x
        return Application.open(
            party.base_url, self.standing.installation.token(party.name).read_text().strip()
        )

    def log(self, name: str) -> str:
        """What a process has written so far."""
        return self.standing.installation.log(name).read_text()

    def requests_to(self, name: str) -> list[str]:
        """The log lines of the requests that a process answered, health questions left out."""
        lines = self.log(name).splitlines()
        return [line for line in lines if '"event":"request"' in line and "/health/" not in line]

    def start(self, name: str, extra: dict[str, str] | None = None) -> None:
        """Start a process that was stopped, and wait until it is ready."""
        child = self.standing.children[name]
        child.start(extra)
        child.wait_until_ready()

    def restart(self, name: str, extra: dict[str, str] | None = None) -> None:
        """Stop it as an operator would, and start it."""
        self.standing.children[name].stop()
        self.start(name, extra)

    @contextmanager
    def without(self, name: str, *, killed: bool = False) -> Iterator[None]:
        """A while in which a process is not there."""
        child = self.standing.children[name]
        child.kill() if killed else child.stop()
        try:
            yield
        finally:
            self.start(name)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of bank A who keeps an honest wallet."""

    world: Abroad
    name: str

    @property
    def wallet_path(self) -> Path:
        """Where the wallet's file lies."""
        return self.world.standing.installation.root / "wallet" / f"{self.name}.wallet"

    @contextmanager
    def wallet(self) -> Iterator[Wallet]:
        """The wallet, made at first use, opened and closed as at every use."""
        path = self.wallet_path
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            create_wallet(path, PASSPHRASE)
        trusted = TrustSettings.from_world(self.world.standing.installation.root / WORLD_FILE)
        with open_wallet(path, PASSPHRASE, trusted) as wallet:
            yield wallet

    def asks(self, *credentials: str) -> JsonObject:
        """Sign in at bank A and ask for an offer; the bank's whole answer."""
        return self.at_counter().post("/v1/offers", {"credentials": list(credentials or BOTH)})

    def at_counter(self) -> JsonInterface:
        """A new session at bank A, with password and one-time code."""
        url, sign_in = self.world.standing.installation.bank_a.base_url, self.world.standing.sign_in
        session = JsonInterface(url, "", who="bank A").post(
            "/v1/sessions",
            {
                "customer": self.name,
                "password": sign_in.password,
                "otp": one_time_code(sign_in.otp_secrets[self.name], time.time()),
            },
        )
        return JsonInterface(url, get_text(session, "session"), who="bank A")

    def offered(self, *credentials: str) -> Offer:
        """An offer that the bank's operator makes for this customer."""
        made = self.world.bank_a.post(
            "/v1/operator/offers", {"customer": self.name, "credentials": list(credentials or BOTH)}
        )
        return Offer(get_text(made, "offer"), get_text(made, "tx_code"))

    def accept(self, offer: Offer) -> None:
        """Take what is offered into the wallet."""
        with self.wallet() as wallet:
            wallet.accept(offer.link, offer.tx_code)

    def equipped(self) -> Person:
        """With both credentials in the wallet."""
        self.accept(self.offered())
        return self

    def present(self, case: Case | None = None) -> Case:
        """Answer bank X's request: to a new application, unless one is named."""
        case = case or self.world.apply()
        with self.wallet() as wallet:
            wallet.present(wallet.review(case.request))
        return case

    def newest_copies(self) -> tuple[str, ...]:
        """The signed texts of the credential that was saved last."""
        with self.wallet() as wallet:
            return wallet.export(wallet.list()[0].reference)

    def statuses(self) -> dict[str, set[str]]:
        """The status words that bank A has for this customer's copies, by credential."""
        said = self.world.bank_a.get(f"/v1/operator/credentials?customer={self.name}")
        words: dict[str, set[str]] = {}
        for row in map(as_object, get_array(said, "credentials")):
            words.setdefault(get_text(row, "configuration"), set()).add(get_text(row, "status"))
        return words


@dataclass(frozen=True, slots=True)
class Lie:
    """What somebody holds who took copies and key out of their own wallet, to show them as they like."""

    texts: Mapping[str, str]
    key: Signer

    @classmethod
    def by(cls, person: Person) -> Lie:
        """The newest copies in one slot; the key is what the recovery phrase gives."""
        with person.wallet() as wallet:
            slot = wallet.list()[0].copies[0].slot
            texts = {
                one.type: wallet._store.state.credentials[one.reference].copies[slot] for one in wallet.list()
            }
            return cls(texts, wallet._store.seed.key(slot))

    def tell(
        self, application: Application, funds: str | None = None, *, without: ClaimPath | None = None
    ) -> httpx.Response:
        """Answer the request, with another proof of funds than the bank gave if one is named; what the verifier says.

        ``without`` is a claim that the proof of funds has not.
        """
        request = application.request()
        shown = {
            query: show(text, paths, signer=self.key, nonce=request.nonce, aud=request.client_id)
            for query, text, paths in (
                ("identity", self.texts[PASSPORT_IDENTITY], _IDENTITY),
                (
                    "proof_of_funds",
                    funds or self.texts[PROOF_OF_FUNDS],
                    [one for one in _FUNDS if one != without],
                ),
            )
        }
        return application.post(application.body(shown))


def accept_through_a_crash(person: Person, offer: Offer) -> bool:
    """Accept an offer from a bank that may die meanwhile; whether it was saved."""
    try:
        person.accept(offer)
    except Unavailable:
        return False
    return True
