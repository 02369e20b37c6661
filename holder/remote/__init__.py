"""Clients of other people's servers: a bank that issues, a verifier that asks."""
