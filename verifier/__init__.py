"""A bank's verifying service: asks for credentials, checks them and decides."""
