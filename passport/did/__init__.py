"""Decentralised identifiers: the document of a ``did:ethr`` as its ERC-1056 events give it, and ``did:key``.

Values in, documents out: events come from ``ledger``. Documents are pydid's, so that they are conforming by
construction. Leaves out resolution over a network, and every other method.
"""

from passport.did.did_ethr import AttributeChange, Change, DelegateChange, ethr_document
from passport.did.did_key import DidKey, KeyKind
from passport.did.multibase import base58btc_decode, base58btc_encode

__all__ = [
    "AttributeChange",
    "Change",
    "DelegateChange",
    "DidKey",
    "KeyKind",
    "base58btc_decode",
    "base58btc_encode",
    "ethr_document",
]
