"""The wallet file: append-only sealed records, opened by a passphrase or by the recovery phrase."""
