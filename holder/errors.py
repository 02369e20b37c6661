"""What can go wrong with the wallet file, as errors that a person can act on."""

from __future__ import annotations

from passport.errors import Malformed, Reason, Rejected, Unavailable


class WalletDamaged(Malformed):
    """The file is not as it was written; the message names the place, and nothing was changed."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(f"the wallet file is damaged at byte {offset}: {message}")
        self.offset = offset


class WrongLink(Malformed):
    """A link of ours, and of the other kind; ``is_offer`` says which kind it is."""

    def __init__(self, *, is_offer: bool) -> None:
        super().__init__(
            "expected a verifier's request (openid4vp://…), got a bank's offer: `passport wallet accept` takes it"
            if is_offer
            else "expected a bank's offer (openid-credential-offer://…), got a verifier's request: "
            "`passport wallet present` takes it"
        )
        self.is_offer = is_offer


class WrongPassphrase(Rejected):
    """The file is whole, and this passphrase or recovery phrase does not open it."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)


class WalletInUse(Rejected):
    """Another program has the wallet open."""

    def __init__(self) -> None:
        super().__init__(Reason.CONFLICT, "another program has this wallet open: close it and try again")


class WalletMissing(Rejected):
    """There is no wallet at this path."""

    def __init__(self, path: object) -> None:
        super().__init__(
            Reason.NOT_FOUND, f"there is no wallet at {path}: make one with `passport wallet init`"
        )


class WalletExists(Rejected):
    """A wallet is there already, and nothing overwrites one."""

    def __init__(self, path: object) -> None:
        super().__init__(Reason.CONFLICT, f"there is a wallet at {path} already: it was left as it is")


class NotSaved(Unavailable):
    """The disk refused: nothing was acknowledged, and what was saved before is untouched."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.STORAGE_UNAVAILABLE, f"the wallet could not be saved: {message}")
