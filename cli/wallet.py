"""``passport wallet …``: the holder without the screen, for scripts and for people without a terminal application.

The passphrase comes from ``PASSPORT_WALLET_PASSPHRASE`` or a prompt, never from an argument that others can list.
What banks and verifiers say is printed through ``safe_text`` only. Leaves out every decision: ``holder`` makes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.answering import JsonOption, safe, show
from cli.printing import in_both, speaks_chinese, write_error, write_out
from cli.wallet_access import (
    agrees,
    ask,
    make_if_missing,
    open_for,
    person_there,
    put,
    read_link,
    say_notices,
    seen_directory,
    wallet_path,
)
from cli.wallet_errors import error_lines, for_owners
from cli.wallet_history import describe_declined, history_lines
from cli.wallet_options import RequestArgument, WalletOption, YesOption
from cli.wallet_phrase import init, phrase, recover, remind_of_phrase
from cli.wallet_words import (
    again_lines,
    asked_lines,
    both,
    consent_lines,
    describe,
    describe_ledger,
    describe_presentation,
    ledger_lines,
    line_of,
    offer_lines,
    phrase_lines,
    status_words,
)
from cli.world import WorldOption, world_path
from passport.errors import PassportError, Reason, Rejected

if TYPE_CHECKING:
    from holder import Asked, ConsentView, OfferView, Wallet

wallet = typer.Typer(
    help="A person's wallet: alone it opens on the screen; with a command it works without one, for scripts. "
    "The passphrase is asked for; PASSPORT_WALLET_PASSPHRASE in the environment answers for scripts."
)


@wallet.callback(invoke_without_command=True)
@for_owners
def screen(context: typer.Context, path: WalletOption = None, world: WorldOption = None) -> None:
    """A person's wallet: alone it opens on the screen; with a command it works without one, for scripts.

    The passphrase is asked for; PASSPORT_WALLET_PASSPHRASE in the environment answers for scripts.
    """
    if context.invoked_subcommand is not None:
        if path is not None or world is not None:
            from holder import BadUsage  # noqa: PLC0415 - `passport --help` waits for nothing

            raise BadUsage(
                f"expected --wallet and --world after `{context.invoked_subcommand}`",
                f"請將 --wallet 與 --world 置於 `{context.invoked_subcommand}` 之後",
            )
        return
    from cli.wallet_screen import run_screen  # noqa: PLC0415 - `passport --help` waits for nothing

    code = run_screen(wallet_path(path), world_path(world), seen_directory())
    if code:
        raise typer.Exit(code)


wallet.command("init")(init)
wallet.command("phrase")(phrase)
wallet.command("recover")(recover)


@wallet.command("accept")
@for_owners
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

    chosen = wallet_path(path)
    link = read_link(
        offer,
        en="an offer: expected openid-credential-offer://…",
        zh_tw="憑證領取邀請（openid-credential-offer://…）",
    )
    # Before anything is made for it: a link that nobody can read leaves no wallet behind.
    parse_offer_link(link)
    found = world_path(world)
    made = make_if_missing(chosen, found)
    try:
        with open_for(chosen, found) as opened:
            say_notices(opened)
            code = tx_code
            if not as_json and person_there():
                code = _ask_about_offer(opened.read_offer(link), tx_code, yes=yes)
            accepted = opened.accept(link, code)
    except (PassportError, typer.Abort):
        if made is not None:
            # The wallet is there now, and what it began is in it.
            write_error(
                "\n".join([f"{in_both('Your new wallet', '您的新錢包')}: {chosen}", *phrase_lines(made)])
            )
        raise
    document: dict[str, object] = {
        "credentials": [describe(each) for each in accepted],
        "created": made is not None,
        "ledger": describe_ledger(opened.ledger),
    }
    lines = [f"{in_both('Saved', '已存入')}: {line_of(each)}" for each in accepted] + ledger_lines(
        opened.ledger
    )
    if made is not None:
        document |= {"wallet": str(chosen), "recovery_phrase": made}
        lines += [f"{in_both('Your new wallet', '您的新錢包')}: {chosen}", *phrase_lines(made)]
    show(document, as_json=as_json, lines=lines, once=[] if made is None else again_lines(chosen))


def _ask_about_offer(view: OfferView, given: str | None, *, yes: bool) -> str | None:
    """Show who offers what; the transaction code, as it was given or as a person types it now."""
    put(offer_lines(view))
    code = given
    if code is None and view.code_needed:
        code = ask("Transaction code from your bank", "銀行給您的交易驗證碼")
    if not yes and given is None and not agrees("Accept?", "接受？"):
        raise typer.Abort
    return code


@wallet.command("present")
@for_owners
def present(
    request: RequestArgument,
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
    link = _request_link(request)
    with open_for(wallet_path(path), world_path(world)) as opened:
        say_notices(opened)
        pending = opened.pending(link)
        view = None
        if pending is not None:
            shown = opened.resend(pending)
        else:
            view = _review(opened, link, may_ask=not yes and not as_json)
            if not as_json:
                put(consent_lines(view))
            if not yes:
                _ask_consent(opened, view, as_json=as_json)
            shown = opened.present(view, allow_reuse=allow_reuse)
    document = {**describe_presentation(shown.presentation), "ledger": describe_ledger(view or opened.ledger)}
    lines = [
        f"Delivered to {safe(shown.presentation.verifier_name)}. The bank will tell you what it decides.",
        *(["已送達。審核結果將由對方直接通知您。"] if speaks_chinese() else []),
    ]
    if shown.redirect_uri is not None:
        lines.append(f"{in_both('Go on here', '請至此處繼續')}: {safe(shown.redirect_uri)}")
    if view is None:
        lines += ledger_lines(opened.ledger)
    show(document, as_json=as_json, lines=lines)


@wallet.command("decline")
@for_owners
def decline(
    request: RequestArgument,
    yes: YesOption = False,
    path: WalletOption = None,
    as_json: JsonOption = False,
    world: WorldOption = None,
) -> None:
    """Tell a verifier that you show nothing. It hears no reason; without this command it hears nothing at all."""
    from holder import ConsentMissing, NothingToShow  # noqa: PLC0415 - `passport --help` waits for nothing

    link = _request_link(request)
    with open_for(wallet_path(path), world_path(world)) as opened:
        say_notices(opened)
        if opened.pending(link) is not None:
            raise Rejected(Reason.TRANSACTION_CLOSED, "this request was answered before, and not with no")
        try:
            asked = opened.review(link).asked
        except NothingToShow as error:
            asked = error.asked
        if not as_json:
            put(asked_lines(asked))
        if not yes and (as_json or not person_there()):
            raise ConsentMissing(
                "nobody was told: a person must say yes, or pass --yes",
                "未告知任何人：須由本人同意，或加上 --yes",
            )
        if not yes and not _agrees_to_tell(asked):
            raise ConsentMissing("nobody was told", "未告知任何人")
        opened.decline(asked)
    show(
        {"status": "declined", "verifier": asked.verifier_name.en, "verifier_did": asked.verifier_did},
        as_json=as_json,
        lines=[_told(asked)],
    )


@wallet.command("list")
@for_owners
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
        if not as_json and person_there():
            remind_of_phrase(opened)
    show(
        {
            "credentials": [{**describe(each), "status": status.get(each.reference)} for each in held],
            "notices": list(notices),
            # Without --check no ledger is asked, and there is nothing to say about one.
            **({"ledger": describe_ledger(opened.ledger)} if check else {}),
        },
        as_json=as_json,
        lines=[
            *(line_of(each) + status_words(status.get(each.reference)) for each in held),
            *ledger_lines(opened.ledger),
        ]
        or [in_both("The wallet is empty.", "錢包是空的。")],
    )


@wallet.command("history")
@for_owners
def history(path: WalletOption = None, as_json: JsonOption = False) -> None:
    """What was shown to whom, with the signed receipts of consent; no world need be up."""
    with open_for(wallet_path(path)) as opened:
        said, declined = opened.history(), opened.declined()
    document: dict[str, object] = {
        "presentations": [
            {**describe_presentation(line.presentation), "receipt": line.presentation.receipt}
            for line in said
        ]
    }
    if declined:
        document["declined"] = [describe_declined(each) for each in declined]
    show(document, as_json=as_json, lines=history_lines(said, declined))


def _request_link(text: str) -> str:
    return read_link(text, en="a request: expected openid4vp://…", zh_tw="請求（openid4vp://…）")


def _review(opened: Wallet, link: str, *, may_ask: bool) -> ConsentView:
    """The question; where nothing answers it, the person may still have the verifier told."""
    from holder import NothingToShow  # noqa: PLC0415 - `passport --help` waits for nothing

    try:
        return opened.review(link)
    except NothingToShow as error:
        if not (may_ask and person_there()):
            raise
        write_error("\n".join(error_lines(error)))
        _offer_to_tell(opened, error.asked)
        raise typer.Exit(1) from error


def _ask_consent(opened: Wallet, view: ConsentView, *, as_json: bool) -> None:
    from holder import ConsentMissing  # noqa: PLC0415 - `passport --help` waits for nothing

    if as_json or not person_there():
        raise ConsentMissing(
            "nothing was shown: a person must say yes, or pass --yes",
            "未出示任何資料：須由本人同意，或加上 --yes",
        )
    if not agrees("Show this?", "是否出示？"):
        _offer_to_tell(opened, view.asked)
        raise ConsentMissing("nothing was shown", "未出示任何資料")


def _offer_to_tell(opened: Wallet, asked: Asked) -> None:
    if _agrees_to_tell(asked):
        opened.decline(asked)
        write_out(_told(asked))


def _agrees_to_tell(asked: Asked) -> bool:
    name = asked.verifier_name
    return agrees(
        f"Tell {name.en} that you show nothing? It hears no reason; without this it hears nothing.",
        f"是否告知{name.zh_tw}您不出示？對方不會知道原因；若否，則不告知。",
    )


def _told(asked: Asked) -> str:
    return (
        f"{in_both('Told no, and nothing else', '已告知不出示，未告知其他事項')}: {both(asked.verifier_name)}"
    )
