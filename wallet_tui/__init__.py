"""The holder's screen in a terminal: ``WalletApp``, handed a ready ``WalletDoor``.

Shows and asks; every decision is ``holder``'s. What strangers say passes ``safe_text`` before it is drawn (threat T26).
Leaves out the network, the database and every key.
"""

from wallet_tui.app import WalletApp
from wallet_tui.phrases import Language, Phrase
from wallet_tui.ports import OpenedWallet, WalletDoor

__all__ = ["Language", "OpenedWallet", "Phrase", "WalletApp", "WalletDoor"]
