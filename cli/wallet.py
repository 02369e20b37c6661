"""``passport wallet …``: the holder without the screen, for scripts and for people without a terminal application.

The passphrase comes from ``PASSPORT_WALLET_PASSPHRASE`` or a prompt, never from an argument that others can list.
What banks and verifiers say is printed through ``safe_text`` only. Leaves out every decision: ``holder`` makes them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answering import JsonOption, for_people, safe, show
from cli.wallet_access import (
    advising,
    ask_secret,
    make_if_missing,
    new_passphrase,
    open_for,
    read_link,
    say_notices,
    seen_directory,
    wallet_path,
)
from cli.wallet_history import history_lines
from cli.wallet_words import (
    STATUS_WORDS,
    consent_lines,
    describe,
    describe_ledger,
    describe_presentation,
    ledger_lines,
    line_of,
    offer_lines,
    phrase_lines,
)
from cli.world import WorldOption, world_path
from passport.errors import Misconfigured, PassportError, Reason, Rejected

if TYPE_CHECKING:
    from holder import ConsentView, Wallet

wallet = typer.Typer(
    help="A person's wallet: alone it opens on the screen; with a command it works without one, for scripts."
)

WalletOption = Annotated[
    Path | None,
    typer.Option("--wallet", help="The wallet file; default PASSPORT_WALLET, else one in your home."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Answer yes to the question; it is still recorded.")]


@wallet.callback(invoke_without_command=True)
@for_people
def screen(context: typer.Context, path: WalletOption = None, world: WorldOption = None) -> None:
    """A person's wallet: alone it opens on the screen; with a command it works without one, for scripts."""
    if context.invoked_subcommand is not None:
        if path is not None or world is not None:
            raise Misconfigured(f"expected --wallet and --world after `{context.invoked_subcommand}`")
        return
    from cli.wallet_screen import run_screen  # noqa: PLC0415 - `passport --help` waits for nothing

    code = run_screen(wallet_path(path), world_path(world), seen_directory())
    if code:
        raise typer.Exit(code)


@wallet.command("init")
@for_people
def init(
    path: WalletOption = None,
    yes: YesOption = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Make it from an earlier wallet's recovery phrase (asked for).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a wallet. Its recovery phrase is shown once: write it down."""
    from holder import RecoveryPhrase, create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen = wallet_path(path)
    phrase = RecoveryPhrase.read(ask_secret("Recovery phrase")) if restore else None
    passphrase = new_passphrase()
    if not yes and not as_json and sys.stdin.isatty():
        typer.confirm(f"Make a new wallet at {chosen}?", abort=True)
    made = create_wallet(chosen, passphrase, phrase=phrase)
    show(
        {"wallet": str(chosen), "recovery_phrase": made.words},
        as_json=as_json,
        lines=[f"Your wallet: {chosen}", *phrase_lines(made.words)],
    )


@wallet.command("accept")
@for_people
def accept(
    offer: Annotated[
        str, typer.Argument(help="The offer's link, a file that holds it, or - for standard input.")
    ],
    tx_code: Annotated[
        str | None, typer.Option("--tx-code", help="The transaction code that the bank gave you.")
    ] = None,
    path: WalletOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Accept a bank's offer. Accepting the same offer again goes on where it stopped."""
    from holder import parse_offer_link  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen, link = (
        wallet_path(path),
        read_link(offer, wanted="an offer: expected openid-credential-offer://…"),
    )
    # Before anything is made for it: a link that nobody can read leaves no wallet behind.
    parse_offer_link(link)
    found = world_path(world)
    made = make_if_missing(chosen, found)
    try:
        with open_for(chosen, found) as opened:
            say_notices(opened)
            code = tx_code
            if not as_json and sys.stdin.isatty():
                view = opened.read_offer(link)
                print("\n".join(offer_lines(view)))
                if code is None and view.code_needed:
                    code = typer.prompt("Transaction code from your bank")
                if not yes and tx_code is None:
                    typer.confirm("Accept?", abort=True)
            accepted = opened.accept(link, code)
    except (PassportError, typer.Abort):
        if made is not None:
            # The wallet is there now, and what it began is in it: this is the one time that its phrase can be shown.
            sys.stderr.write("\n".join([f"Your new wallet: {chosen}", *phrase_lines(made), ""]))
        raise
    document: dict[str, object] = {
        "credentials": [describe(each) for each in accepted],
        "created": made is not None,
        "ledger": describe_ledger(opened.ledger),
    }
    lines = [f"Saved: {line_of(each)}" for each in accepted] + ledger_lines(opened.ledger)
    if made is not None:
        document |= {"wallet": str(chosen), "recovery_phrase": made}
        lines += [f"Your new wallet: {chosen}", *phrase_lines(made)]
    show(document, as_json=as_json, lines=lines)


@wallet.command("present")
@for_people
def present(
    request: Annotated[
        str, typer.Argument(help="The request's link, a file that holds it, or - for standard input.")
    ],
    yes: YesOption = False,
    allow_reuse: Annotated[
        bool,
        typer.Option(
            "--allow-reuse", help="Also where no unused key is left and two verifiers could compare notes."
        ),
    ] = False,
    path: WalletOption = None,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Show a verifier what it asks for, after saying who it is and what it will see."""
    link = read_link(request, wanted="a request: expected openid4vp://…")
    with open_for(wallet_path(path), world_path(world)) as opened:
        say_notices(opened)
        pending = opened.pending(link)
        view = None
        if pending is not None:
            shown = opened.resend(pending)
        else:
            view = _review(opened, link)
            if not as_json:
                print("\n".join(consent_lines(view)))
            if not yes:
                _ask_consent(as_json=as_json)
            shown = opened.present(view, allow_reuse=allow_reuse)
    document = {**describe_presentation(shown.presentation), "ledger": describe_ledger(view or opened.ledger)}
    lines = [
        f"Delivered to {safe(shown.presentation.verifier_name)}. The bank will tell you what it decides.",
        "已送達。審核結果將由對方直接通知您。",
    ]
    if shown.redirect_uri is not None:
        lines.append(f"Go on here: {safe(shown.redirect_uri)}")
    if view is None:
        lines += ledger_lines(opened.ledger)
    show(document, as_json=as_json, lines=lines)


@wallet.command("list")
@for_people
def list_credentials(
    path: WalletOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Also ask the banks whether they have paused any (needs a world).")
    ] = False,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """List the credentials in the wallet; without --check no world need be up."""
    with open_for(wallet_path(path), world_path(world) if check else None) as opened:
        held, notices = opened.list(), opened.notices
        status = {each: found.value for each, found in opened.check_status().items()} if check else {}
        say_notices(opened)
    show(
        {
            "credentials": [{**describe(each), "status": status.get(each.reference)} for each in held],
            "notices": list(notices),
            "ledger": describe_ledger(opened.ledger),
        },
        as_json=as_json,
        lines=[
            *(line_of(each) + STATUS_WORDS[status.get(each.reference)] for each in held),
            *ledger_lines(opened.ledger),
        ]
        or ["The wallet is empty. / 錢包是空的。"],
    )


@wallet.command("history")
@for_people
def history(path: WalletOption = None, as_json: JsonOption = False) -> None:
    """What was shown to whom, with the signed receipts of consent; no world need be up."""
    with open_for(wallet_path(path)) as opened:
        said = opened.history()
    show(
        {
            "presentations": [
                {**describe_presentation(line.presentation), "receipt": line.presentation.receipt}
                for line in said
            ]
        },
        as_json=as_json,
        lines=history_lines(said),
    )


@wallet.command("recover")
@for_people
def recover(path: WalletOption = None, as_json: JsonOption = False) -> None:
    """Give the wallet a new passphrase, by its recovery phrase."""
    from holder import RecoveryPhrase, recover_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen = wallet_path(path)
    phrase = RecoveryPhrase.read(ask_secret("Recovery phrase"))
    with advising(chosen):
        recover_wallet(chosen, phrase, new_passphrase(), seen_directory=seen_directory())
    show({"wallet": str(chosen)}, as_json=as_json, lines=[f"{chosen} has a new passphrase."])


def _review(opened: Wallet, link: str) -> ConsentView:
    try:
        return opened.review(link)
    except Rejected as error:
        if error.reason is not Reason.NOTHING_TO_SHOW:
            raise
        words = f"your wallet holds nothing that answers this request; nothing was sent, and nobody was told ({error})"
        raise Rejected(error.reason, words) from error


def _ask_consent(*, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise Rejected(Reason.CONSENT_NEEDED, "nothing was shown: a person must say yes, or pass --yes")
    if not typer.confirm("Show this?"):
        raise Rejected(Reason.CONSENT_NEEDED, "nothing was shown")
