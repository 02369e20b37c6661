"""The hub: legal tracks, tokens, verdicts and the money-flow graph."""
