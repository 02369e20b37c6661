"""Numbered migrations; see service.migrations."""
