"""The hub's own client, so that its wire names live in one place."""
