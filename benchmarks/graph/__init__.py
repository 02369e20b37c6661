"""The money-flow graph beside its peers: the same data, the same question, the same answers, in one run."""
