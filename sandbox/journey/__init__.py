"""The journey of a person who opens an account abroad: steps, evidence and checks (domain notes, section 8)."""

from sandbox.journey import anchoring, before, issuing, presenting, warning

ALL_STEPS = (*before.STEPS, *issuing.STEPS, *anchoring.STEPS, *presenting.STEPS, *warning.STEPS)

NOT_BUILT = (
    ("4", "the hub's verdict to bank A as evidence (bank A asks; the journey does not show it)"),
    ("5", "bank A's statement digest as evidence"),
    ("14", "bank X issues an account-ownership credential"),
)
