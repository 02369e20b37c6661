"""Which key for whom (design section 3, "Copies and slots").

At issuing, new copies go to the slots that the wallet's other copies are in, as long as one of them is still free;
when every one has been seen by somebody, to fresh keys. At presenting, a verifier that has seen a slot sees that one
again, a new one gets a free slot, and with no free slot the wallet asks. Leaves out whether a slot's credentials
answer the request, which is the query's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

COPIES = 5


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """A slot for a verifier, and who else has seen it (nobody, unless the holder allowed reuse)."""

    slot: int
    seen_by: str | None


def slots_for_issuance(
    latest: Sequence[int], owners: Mapping[int, str], *, copies: int, next_slot: int
) -> tuple[int, ...]:
    """The slots that new copies are bound to: ``latest`` are those of the newest issuance.

    Free slots come first, so that fewer copies than slots do not leave only used ones with the new credential.
    """
    free = [slot for slot in latest if slot not in owners]
    if not free:
        return tuple(range(next_slot, next_slot + copies))
    known = [*free, *(slot for slot in latest if slot in owners)][:copies]
    fresh = range(next_slot, next_slot + copies - len(known))
    return tuple(sorted([*known, *fresh]))


def choices_for(verifier_did: str, slots: Collection[int], owners: Mapping[int, str]) -> list[SlotChoice]:
    """The slots in the order in which they may be shown to a verifier: its own, free ones, then other people's.

    A choice with ``seen_by`` set lets that other verifier and this one find out that they know the same person.
    """
    own = [SlotChoice(slot, None) for slot in sorted(slots) if owners.get(slot) == verifier_did]
    free = [SlotChoice(slot, None) for slot in sorted(slots) if slot not in owners]
    others = [
        SlotChoice(slot, owners[slot])
        for slot in sorted(slots)
        if slot in owners and owners[slot] != verifier_did
    ]
    return [*own, *free, *others]
