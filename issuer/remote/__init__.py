"""Clients of other people's systems: core banking, the ledger, the hub."""
