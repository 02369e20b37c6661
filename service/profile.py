"""Which world a process believes it is in: everything named ``Insecure…`` refuses ``production``."""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """Production is the default, so that a shortcut has to be asked for."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
