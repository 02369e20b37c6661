"""One verb a file: what the bank does."""
