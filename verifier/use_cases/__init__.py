"""What the verifier does, one verb a file; the five steps of a check in their order."""
