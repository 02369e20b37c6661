"""Announce the Ed25519 key of W3C documents in the bank's DID document (design section 3, "Who signed").

Done once, and again should somebody have ended it. Attributes are for those who read DID documents; nothing of ours
takes a key from there.
"""

from __future__ import annotations

from typing import Final

from issuer.ports import DocumentSigner, KeyAnnouncement

ATTRIBUTE: Final = "did/pub/Ed25519/veriKey/base58"


class AnnounceKey:
    """The use case."""

    def __init__(self, announcement: KeyAnnouncement, documents: DocumentSigner | None) -> None:
        self._announcement = announcement
        self._documents = documents

    def tick(self) -> None:
        """See to it that the key is announced, where there is one.

        Raises:
            Unavailable: the ledger does not answer; it is tried again.
        """
        if self._documents is not None:
            self._announcement.announce(ATTRIBUTE, self._documents.did_key.raw)
