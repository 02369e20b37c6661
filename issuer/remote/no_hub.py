"""A bank that is no member of a hub: nothing is known about any account, and nothing is registered.

Its credentials carry no ``fraud`` claim, and a verifier that wants one refuses them.
"""

from __future__ import annotations

from issuer.ports import BankAlert, Grounds, HubAnswer, ProvenAccounts
from passport.fraud import VerdictClass


class NoHub:
    """Asks nobody."""

    needs_person = False

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:  # noqa: ARG002 - the port's
        """Clear: there is no hub to object."""
        return HubAnswer(VerdictClass.CLEAR, handles_registered=True)

    def register(self, proven: ProvenAccounts) -> None:
        """Nobody to tell."""

    def grounds(self, signed: str) -> Grounds | None:  # noqa: ARG002 - the port's
        """There is no verdict."""
        return None

    def confirm_holder(self, account: str, person: str, reference: str, *, holds: bool) -> None:
        """Nobody to tell."""

    def cause_gone(self, person: str, reference: str) -> None:
        """Nobody to tell."""

    def after(self, number: int) -> tuple[BankAlert, ...]:  # noqa: ARG002 - the port's
        """There is no stream."""
        return ()

    def customer_of(self, about: str) -> str | None:  # noqa: ARG002 - the port's
        """Nobody's: nobody asks."""
        return None

    @property
    def known(self) -> int:
        """Nothing, for ever."""
        return 0
