"""What the issuer admits: whole sets of credentials, and the bank's staff whatever citizens do.

A wallet's journey begins with its token; credential, deferred and notification go on with it. A nonce is anybody's and shows
no journey, so it has a place of its own: nonces keep nobody from a credential. Signing in is a pool of its own, since a password costs a hundred times what a nonce does and anybody may send one; so are offers, which wait
for the hub.
"""

from __future__ import annotations

from typing import Final

from issuer.http.wallet import CREDENTIAL_PATH, DEFERRED_PATH, NONCE_PATH, NOTIFICATION_PATH, TOKEN_PATH
from service.admission import FIRST_STEP, HEALTH, PLACES, Admission, Admitting, Kind, Rule

SIGN_INS_AT_ONCE: Final = 2
_PLACES: Final = {
    "wallets": PLACES,
    "nonces": 1,
    "sign-in": SIGN_INS_AT_ONCE,
    "offers": 4,
    "staff": 4,
    "documents": 4,
    "other": 2,
}
_TOKEN: Final = Kind("token", "wallets", rank=FIRST_STEP, wait=1.5, begins=True, most=128)
_NONCE: Final = Kind("nonce", "nonces", wait=2.0, guess=0.002, most=64)
_CREDENTIAL: Final = Kind("credential", "wallets", rank=1, wait=6.0, belongs=True, most=128)
_LAST: Final = Kind("notification", "wallets", wait=6.0, belongs=True, most=32)
"""Cheap, and nothing comes after it: it goes before."""
_STAFF: Final = Kind("staff", "staff", wait=60.0, patience=30.0)


def issuer_admission(path: str = "") -> Admitting:
    """The issuer's kinds of requests; ``path`` is that of its identifier, under which all but the well-known stand."""
    staffs_offers = Kind("staff's offer", "offers", wait=30.0, patience=30.0)
    return Admitting(
        Admission(_PLACES),
        (
            HEALTH,
            Rule(_TOKEN, f"{path}{TOKEN_PATH}"),
            Rule(_NONCE, f"{path}{NONCE_PATH}"),
            Rule(_CREDENTIAL, f"{path}{CREDENTIAL_PATH}"),
            Rule(_CREDENTIAL, f"{path}{DEFERRED_PATH}"),
            Rule(_LAST, f"{path}{NOTIFICATION_PATH}"),
            Rule(Kind("sign-in", "sign-in", wait=2.0, guess=0.15, most=64), f"{path}/v1/sessions"),
            Rule(staffs_offers, f"{path}/v1/operator/offers", "POST"),
            Rule(_STAFF, f"{path}/v1/operator/*"),
            Rule(Kind("offer", "offers", rank=1, wait=3.0, most=64), f"{path}/v1/offers*"),
            Rule(Kind("document", "documents", wait=5.0, most=48), "/.well-known/*"),
            Rule(Kind("status", "documents", wait=5.0, most=48), f"{path}/status/*"),
            Rule(Kind("leaves", "documents", wait=5.0, most=48), f"{path}/leaves/*"),
            Rule(Kind("other", "other", most=32), "*"),
        ),
    )
