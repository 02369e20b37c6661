"""A wallet whose every word from outside is hostile; ``python -m`` shows it in this terminal."""

from __future__ import annotations

import sys
from dataclasses import replace

from holder.labels import words
from passport.openid4vp import Place
from tests.simulators.wallet_front import (
    BANK_X,
    SimulatedDoor,
    SimulatedWallet,
    consent_view,
    credential,
    history_line,
    offer_view,
    reuse,
)
from wallet_tui import WalletApp

EVIL = (
    "EVIL\x1b]52;c;aGVsbG8=\x07\x1b[2J\x1b[31m\x9b31m\x90q\x9c\u202eknab\u2066\u200b\u200d\ufeff"
    "[bold red]x[/bold red][link=https://evil.example]y[/link]\nsecond\r\x08\x08line\t{name}"
)
WORDS = words(EVIL, EVIL)
PLACE: Place = ("thresholds",)


def hostile_wallet() -> SimulatedWallet:
    """One credential, one question, one presentation: all of them lies."""
    view = consent_view()
    shown = view.credentials[0]
    past = history_line()
    return SimulatedWallet(
        held=[
            replace(
                credential(shown_to=BANK_X),
                title=WORDS,
                issuer_url=EVIL,
                issuer_did=EVIL,
                claims={EVIL: EVIL, "holder": {"name_latin": EVIL}, "list": [EVIL, {EVIL: EVIL}]},
            )
        ],
        past=[
            replace(
                past,
                presentation=replace(past.presentation, verifier_name=EVIL, shown=(EVIL, EVIL)),
                receipt={
                    **past.receipt,
                    "purpose": {"en": EVIL, "zh-TW": EVIL},
                    "country": EVIL,
                    "credentials": [{"hidden": [EVIL]}],
                },
            )
        ],
        notices=(EVIL,),
        offer=offer_view(issuer_url=EVIL, issuer_did=EVIL, offered=(EVIL, EVIL)),
        question=replace(
            view,
            verifier_name=WORDS,
            verifier_did=EVIL,
            verifier_lei=EVIL,
            verifier_contact=EVIL,
            country=EVIL,
            purpose=WORDS,
            categories=(WORDS,),
            retention=WORDS,
            recipients=WORDS,
            rights=WORDS,
            if_refused=WORDS,
            answers_to=EVIL,
            reuse=replace(reuse(), seen_by_name=EVIL),
            credentials=(
                replace(
                    shown,
                    title=WORDS,
                    shown=(replace(shown.shown[0], label=WORDS, value=WORDS),),
                    hidden=(WORDS,),
                    always_visible=(WORDS,),
                ),
            ),
        ),
    )


class FaultyDoor(SimulatedDoor):
    """Has a fault that nobody foresaw."""

    def open(self, passphrase: str, /) -> SimulatedWallet:
        raise RuntimeError(f"a fault while {passphrase} was in memory")


if __name__ == "__main__":
    door = FaultyDoor() if "faulty" in sys.argv else SimulatedDoor(hostile_wallet())
    app = WalletApp(door)
    app.run()
    sys.exit(app.return_code or 0)
