"""The chain, spoken to in our own words."""
