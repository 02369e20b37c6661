"""The shared language: claims, credentials, proofs and protocol messages.

Pure: it reads its arguments and nothing else (no files, sockets, environment or system clock).
"""
