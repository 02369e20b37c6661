"""A bank without a hub: nothing is known about any account, and nothing is registered.

Journey step 4 is then "not built yet"; a credential carries no ``fraud`` claim, and a verifier that wants one refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence

from passport.fraud import VerdictClass


class NoHub:
    """Asks nobody."""

    def before_offer(
        self,
        offer_id: str,  # noqa: ARG002 - the port's
        accounts: Sequence[str],  # noqa: ARG002 - the port's
        person: str,  # noqa: ARG002 - the port's
        handles: Sequence[str],  # noqa: ARG002 - the port's
    ) -> VerdictClass:
        """Clear: there is no hub to object."""
        return VerdictClass.CLEAR
