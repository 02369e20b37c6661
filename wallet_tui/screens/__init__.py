"""The places of the wallet, each with its style sheet."""
