"""The verifier's own tables and the repositories that hide them."""
