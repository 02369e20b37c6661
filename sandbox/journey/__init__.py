"""The journey of a person who opens an account abroad: steps, evidence and checks (domain notes, section 8)."""

from sandbox.journey import anchoring, before, issuing, opening, presenting, warning

ALL_STEPS = (
    *before.STEPS,
    *issuing.STEPS,
    *anchoring.STEPS,
    *presenting.STEPS,
    *opening.STEPS,
    *warning.STEPS,
)
