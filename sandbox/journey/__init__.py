"""The journey of a person who opens an account abroad: steps, evidence and checks."""
