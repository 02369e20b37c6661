"""Alembic's environment; no module of ours imports it."""
