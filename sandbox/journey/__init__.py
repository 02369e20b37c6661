"""The journey of a person who opens an account abroad: steps, evidence and checks (domain notes, section 8)."""

from sandbox.journey import before, issuing, presenting

ALL_STEPS = (*before.STEPS, *issuing.STEPS, *presenting.STEPS)

NOT_BUILT = (
    ("4", "bank A asks the hub before it offers, and registers handles"),
    ("5", "bank A's statement digest as evidence"),
    ("7", "the batch of credential commitments on the ledger"),
    ("11", "bank X asks the hub before it verifies"),
    ("14", "bank X issues an account-ownership credential"),
    ("15", "bank X follows the status list"),
    ("16", "the police list the account; bank A suspends; bank X refuses"),
)
