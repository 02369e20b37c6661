"""A bank's issuing service: offers, issues, suspends and revokes credentials."""
