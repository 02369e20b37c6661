"""``passport wallet init``, ``phrase`` and ``recover``: the wallet file, its passphrase and its recovery phrase.

A phrase that a terminal, a pipe or a full disk swallowed would be lost for ever; so the wallet keeps it in words, sealed
like all that it holds, and shows it again until its owner has shown that it is on paper.
"""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answering import JsonOption, show
from cli.printing import in_both, write_out
from cli.wallet_access import (
    advising,
    agrees,
    ask,
    ask_secret,
    new_passphrase,
    open_for,
    person_there,
    seen_directory,
    wallet_path,
)
from cli.wallet_errors import for_owners
from cli.wallet_options import WalletOption, YesOption
from cli.wallet_words import again_lines, phrase_lines

if TYPE_CHECKING:
    from holder import Wallet

_ASKED = 3
_LONGEST = 4096


@for_owners
def init(
    path: WalletOption = None,
    yes: YesOption = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Make it from an earlier wallet's recovery phrase (asked for).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a wallet. Write its recovery phrase down; until you confirm it, `phrase` shows it again."""
    from holder import RecoveryPhrase, create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen = wallet_path(path)
    phrase = RecoveryPhrase.read(ask_secret("Recovery phrase", "復原短語")) if restore else None
    passphrase = new_passphrase()
    asking = not yes and not as_json and person_there()
    if asking and not agrees(f"Make a new wallet at {chosen}?", f"在 {chosen} 建立新錢包？"):
        raise typer.Abort
    made = create_wallet(chosen, passphrase, phrase=phrase)
    show(
        {"wallet": str(chosen), "recovery_phrase": made.words},
        as_json=as_json,
        lines=[f"{in_both('Your wallet', '您的錢包')}: {chosen}", *phrase_lines(made.words)],
        once=again_lines(chosen),
    )


@for_owners
def phrase(
    path: WalletOption = None,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm",
            help="Show that it is written down: three words are asked for, or the whole phrase is read from standard "
            "input. It is not shown again then.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the recovery phrase again, until you confirm that it is written down."""
    from holder import PhraseConfirmedBefore  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen = wallet_path(path)
    with open_for(chosen) as opened:
        words = opened.unconfirmed_phrase
        if words is None:
            raise PhraseConfirmedBefore
        if not confirm:
            show(
                {"wallet": str(chosen), "recovery_phrase": words, "confirmed": False},
                as_json=as_json,
                lines=phrase_lines(words),
            )
            return
        _require_written_down(words)
        opened.confirm_phrase()
    show(
        {"wallet": str(chosen), "confirmed": True},
        as_json=as_json,
        lines=[in_both("Confirmed: the phrase is not shown again.", "已確認抄寫，復原短語不再顯示。")],
    )


def _require_written_down(words: str) -> None:
    from holder import BadInput, RecoveryPhrase  # noqa: PLC0415 - `passport --help` waits for nothing

    listed = words.split()
    if not person_there():
        given = "" if sys.stdin is None else sys.stdin.read(_LONGEST)
        if RecoveryPhrase.read(given).words != words:
            raise BadInput("this is the recovery phrase of another wallet", "此為其他錢包的復原短語")
        return
    for place in sorted(random.SystemRandom().sample(range(len(listed)), _ASKED)):
        answer = ask(f"Word {place + 1} of your recovery phrase", f"復原短語的第 {place + 1} 個字詞")
        if answer.strip().lower() != listed[place]:
            raise BadInput(
                f"word {place + 1} is another one; nothing was changed, and `passport wallet phrase` shows it again",
                f"第 {place + 1} 個字詞不符；未做任何更動，`passport wallet phrase` 可再次顯示",
            )


def remind_of_phrase(opened: Wallet) -> None:
    """A line for a person whose recovery phrase nobody has confirmed yet."""
    if opened.unconfirmed_phrase is not None:
        write_out(
            in_both(
                "Your recovery phrase is not confirmed yet: `passport wallet phrase` shows it, with --confirm it is not "
                "shown again.",
                "復原短語尚未確認抄寫：`passport wallet phrase` 可再次顯示，加上 --confirm 確認後不再顯示。",
            )
        )


@for_owners
def recover(path: WalletOption = None, as_json: JsonOption = False) -> None:
    """Give the wallet a new passphrase, by its recovery phrase."""
    from holder import RecoveryPhrase, recover_wallet, require_wallet  # noqa: PLC0415 - as above

    chosen = wallet_path(path)
    require_wallet(chosen)
    known = RecoveryPhrase.read(ask_secret("Recovery phrase", "復原短語"))
    with advising(chosen):
        recover_wallet(chosen, known, new_passphrase(), seen_directory=seen_directory())
    show(
        {"wallet": str(chosen)},
        as_json=as_json,
        lines=[in_both(f"{chosen} has a new passphrase.", f"{chosen} 已設定新的密碼。")],
    )
