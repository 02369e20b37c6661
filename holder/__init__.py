"""The wallet without a screen: keys, credentials, consent.

Front door. ``create_wallet`` makes a wallet file and gives its recovery phrase; ``open_wallet`` with a ``TrustSettings``
gives a ``Wallet``, whose methods are all that a screen or a command needs; ``recover_wallet`` gives it another
passphrase. Text from strangers goes to a terminal through ``safe_text`` only. Follows OpenID4VCI 1.0 and OpenID4VP 1.0
as the holder's side. Names are loaded when first used, so that asking for help waits for nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from holder.consent import Asked, ConsentView, Reuse, ShownClaim, ShownCredential
    from holder.credentials import Outcome, Presentation
    from holder.errors import (
        BadInput,
        BadUsage,
        ConsentMissing,
        NotAFile,
        NotAWallet,
        NothingToShow,
        NotOpened,
        NotSaved,
        PhraseConfirmedBefore,
        WalletDamaged,
        WalletExists,
        WalletInUse,
        WalletMissing,
        WrongLink,
        WrongPassphrase,
    )
    from holder.labels import declined_label, outcome_label
    from holder.local_time import local_minute
    from holder.pasted import pasted_link
    from holder.recovery import RecoveryPhrase
    from holder.storage.disk import require_wallet
    from holder.storage.records import RequestDeclined
    from holder.terminal_text import safe_text
    from holder.trust_gate import LedgerLook
    from holder.use_cases.check_status import CredentialStatus
    from holder.use_cases.list_credentials import CopySummary, CredentialSummary
    from holder.use_cases.present_credentials import Shown
    from holder.use_cases.read_offer import OfferView, parse_offer_link
    from holder.wallet import HistoryLine, Wallet
    from holder.wiring import TrustSettings, create_wallet, open_wallet, recover_wallet

__all__ = [
    "Asked",
    "BadInput",
    "BadUsage",
    "ConsentMissing",
    "ConsentView",
    "CopySummary",
    "CredentialStatus",
    "CredentialSummary",
    "HistoryLine",
    "LedgerLook",
    "NotAFile",
    "NotAWallet",
    "NotOpened",
    "NotSaved",
    "NothingToShow",
    "OfferView",
    "Outcome",
    "PhraseConfirmedBefore",
    "Presentation",
    "RecoveryPhrase",
    "RequestDeclined",
    "Reuse",
    "Shown",
    "ShownClaim",
    "ShownCredential",
    "TrustSettings",
    "Wallet",
    "WalletDamaged",
    "WalletExists",
    "WalletInUse",
    "WalletMissing",
    "WrongLink",
    "WrongPassphrase",
    "create_wallet",
    "declined_label",
    "local_minute",
    "open_wallet",
    "outcome_label",
    "parse_offer_link",
    "pasted_link",
    "recover_wallet",
    "require_wallet",
    "safe_text",
]

_HOMES: Final = {
    "holder.trust_gate": ("LedgerLook",),
    "holder.consent": ("Asked", "ConsentView", "Reuse", "ShownClaim", "ShownCredential"),
    "holder.credentials": ("Outcome", "Presentation"),
    "holder.errors": (
        "BadInput",
        "BadUsage",
        "ConsentMissing",
        "NotAFile",
        "NotAWallet",
        "NotOpened",
        "NotSaved",
        "NothingToShow",
        "PhraseConfirmedBefore",
        "WalletDamaged",
        "WalletExists",
        "WalletInUse",
        "WalletMissing",
        "WrongLink",
        "WrongPassphrase",
    ),
    "holder.labels": ("declined_label", "outcome_label"),
    "holder.pasted": ("pasted_link",),
    "holder.storage.disk": ("require_wallet",),
    "holder.storage.records": ("RequestDeclined",),
    "holder.recovery": ("RecoveryPhrase",),
    "holder.local_time": ("local_minute",),
    "holder.terminal_text": ("safe_text",),
    "holder.use_cases.check_status": ("CredentialStatus",),
    "holder.use_cases.list_credentials": ("CopySummary", "CredentialSummary"),
    "holder.use_cases.present_credentials": ("Shown",),
    "holder.use_cases.read_offer": ("OfferView", "parse_offer_link"),
    "holder.wallet": ("HistoryLine", "Wallet"),
    "holder.wiring": ("TrustSettings", "create_wallet", "open_wallet", "recover_wallet"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name of the front door from its module (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'holder' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
