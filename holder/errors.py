"""What can go wrong with the wallet file and with what a person hands in, as errors that the person can act on.

Those that know what to do say it in both languages: the message is the English, ``zh_tw`` the same for a reader of
Chinese. ``error_words`` has the words for all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected, Unavailable

if TYPE_CHECKING:
    from holder.consent import Asked
    from passport.registry import Words


class SaidInBoth(PassportError):
    """Beside one of the families: an error that brings its words in both languages."""

    zh_tw: str


class BadInput(Malformed, SaidInBoth):
    """What a person typed, pasted or handed over is not what was asked for."""

    def __init__(self, en: str, zh_tw: str) -> None:
        super().__init__(en)
        self.zh_tw = zh_tw


class BadUsage(Misconfigured, SaidInBoth):
    """A command of the wallet cannot begin: what is missing is for its owner to give."""

    def __init__(self, en: str, zh_tw: str) -> None:
        super().__init__(en)
        self.zh_tw = zh_tw


class WalletDamaged(Malformed):
    """The file is not as it was written; the message names the place, and nothing was changed."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(f"the wallet file is damaged at byte {offset}: {message}")
        self.offset = offset


class NotAWallet(WalletDamaged, SaidInBoth):
    """A file that does not begin as a wallet does: some other file, or a wallet whose first bytes are gone."""

    def __init__(self, path: object) -> None:
        super().__init__("its first bytes are another file's", offset=0)
        told = (
            f"{path} does not begin as a wallet file does (byte 0): it was left as it is. Name your wallet with "
            "--wallet or PASSPORT_WALLET; if this was your wallet, put back a copy of it"
        )
        self.args = (told,)
        self.zh_tw = (
            f"{path} 的開頭不是錢包檔案，未做任何更動。請以 --wallet 或 PASSPORT_WALLET 指定您的錢包；"
            "若此檔原為您的錢包，請還原備份"
        )


class NotAFile(Misconfigured, SaidInBoth):
    """The path of something that never is a wallet: a directory, a device, a pipe, a socket."""

    def __init__(self, en: str, zh_tw: str) -> None:
        super().__init__(en)
        self.zh_tw = zh_tw

    @classmethod
    def directory(cls, path: object) -> Self:
        """A directory in a wallet's place."""
        return cls(
            f"{path} is a directory: expected the path of a wallet file, such as {path}/wallet",
            f"{path} 是資料夾；請指定錢包檔案的路徑，例如 {path}/wallet",
        )

    @classmethod
    def special(cls, path: object) -> Self:
        """A device, a pipe or a socket in a wallet's place."""
        return cls(
            f"{path} is no file but a device, a pipe or a socket: expected the path of a wallet file",
            f"{path} 是裝置、管線或通訊端，並非檔案；請指定錢包檔案的路徑",
        )


class WalletNewer(Malformed, SaidInBoth):
    """A whole wallet file, or a record in one, of a version that this program does not read."""

    def __init__(self) -> None:
        super().__init__(
            "this wallet was written by a newer version of this program, and this one cannot read it: use the newer "
            "one. Nothing was changed"
        )
        self.zh_tw = "此錢包由較新版本的程式寫入，本版本無法讀取；請改用較新版本。未做任何更動"


class WrongLink(Malformed, SaidInBoth):
    """A link of ours, and of the other kind; ``is_offer`` says which kind it is."""

    def __init__(self, *, is_offer: bool) -> None:
        super().__init__(
            "expected a verifier's request (openid4vp://…), got a bank's offer: `passport wallet accept` takes it"
            if is_offer
            else "expected a bank's offer (openid-credential-offer://…), got a verifier's request: "
            "`passport wallet present` takes it"
        )
        self.zh_tw = (
            "此為銀行的憑證領取邀請，並非驗證者的請求（openid4vp://…）；請改用 `passport wallet accept`"
            if is_offer
            else "此為驗證者的請求，並非銀行的憑證領取邀請（openid-credential-offer://…）；請改用 `passport wallet present`"
        )
        self.is_offer = is_offer


class NothingToShow(Rejected, SaidInBoth):
    """The wallet cannot answer a request. Who asked, what for and what is missing is for its owner alone."""

    def __init__(self, asked: Asked, missing: tuple[Words, ...]) -> None:
        lacks = "; ".join(each.en for each in missing)
        super().__init__(
            Reason.NOTHING_TO_SHOW,
            "your wallet holds nothing that answers this request; nothing was sent, and nobody was told "
            f"({asked.verifier_name.en} asks: {asked.purpose.en} Missing: {lacks})",
        )
        self.zh_tw = (
            "錢包內沒有符合此請求的憑證；未送出任何資料，也未告知任何人"
            f"（{asked.verifier_name.zh_tw} 請求：{asked.purpose.zh_tw}缺少：{'；'.join(each.zh_tw for each in missing)}）"
        )
        self.asked = asked
        self.missing = missing


class WrongPassphrase(Rejected):
    """The file is whole, and this passphrase or recovery phrase does not open it."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)


class WrongRecoveryPhrase(WrongPassphrase, SaidInBoth):
    """The recovery phrase of another wallet."""

    def __init__(self) -> None:
        super().__init__("this recovery phrase belongs to another wallet; nothing was changed")
        self.zh_tw = "此復原短語屬於另一個錢包；未做任何更動"


class PhraseConfirmedBefore(Rejected, SaidInBoth):
    """The recovery phrase is not kept in the wallet in words any more, or never was."""

    def __init__(self) -> None:
        super().__init__(
            Reason.NOT_FOUND,
            "the recovery phrase of this wallet was confirmed as written down, or the wallet is of an earlier version; "
            "it is not shown again",
        )
        self.zh_tw = "此錢包的復原短語已確認抄寫，或錢包由較早版本建立；不再顯示"


class WalletInUse(Rejected, SaidInBoth):
    """Another program has the wallet open."""

    def __init__(self) -> None:
        super().__init__(Reason.CONFLICT, "another program has this wallet open: close it and try again")
        self.zh_tw = "另一個程式正在使用此錢包；請關閉該程式後再試"


class WalletMissing(Rejected, SaidInBoth):
    """There is no wallet at this path."""

    def __init__(self, path: object) -> None:
        super().__init__(
            Reason.NOT_FOUND, f"there is no wallet at {path}: make one with `passport wallet init`"
        )
        self.zh_tw = f"{path} 沒有錢包；請以 `passport wallet init` 建立"


class WalletExists(Rejected, SaidInBoth):
    """A file is there already, and nothing overwrites one."""

    def __init__(self, path: object, *, is_wallet: bool = True) -> None:
        what = "a wallet" if is_wallet else "a file that is no wallet"
        super().__init__(Reason.CONFLICT, f"there is {what} at {path} already: it was left as it is")
        self.zh_tw = f"{path} 已有{'錢包' if is_wallet else '其他檔案'}，未做任何更動"


class ConsentMissing(Rejected, SaidInBoth):
    """Nobody said yes, and so nothing was done."""

    def __init__(self, en: str, zh_tw: str) -> None:
        super().__init__(Reason.CONSENT_NEEDED, en)
        self.zh_tw = zh_tw


class NotSaved(Unavailable):
    """The disk refused: nothing was acknowledged, and what was saved before is untouched."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.STORAGE_UNAVAILABLE, f"the wallet could not be saved: {message}")


class NotOpened(NotSaved, SaidInBoth):
    """The file is there, or its folder is, and this user may not read and write it."""

    def __init__(self, path: object, cause: str | None) -> None:
        super().__init__("it cannot be opened")
        told = f"cannot open {path}: {cause or 'the system refused'}. The wallet must be a file that you may read and write"
        self.args = (told,)
        self.zh_tw = f"無法開啟 {path}（{cause or '系統拒絕'}）。錢包必須是您可讀寫的檔案"
