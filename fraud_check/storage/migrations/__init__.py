"""Numbered schema changes, run in order at start."""
