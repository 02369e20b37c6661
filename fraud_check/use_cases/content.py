"""What makes two messages the same: everything they say, written in the one way that the message's class writes it."""

from __future__ import annotations

import hashlib

from passport.messages import Message


def content_hash(message: Message, *, without: frozenset[str] = frozenset()) -> str:
    """SHA-256 over the message's members, in the order of its class; ``without`` names members that do not count."""
    return hashlib.sha256(message.model_dump_json(exclude=set(without)).encode()).hexdigest()
