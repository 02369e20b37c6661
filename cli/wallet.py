"""``passport wallet …``: the holder without the screen, for scripts and for people without a terminal application.

The passphrase comes from ``PASSPORT_WALLET_PASSPHRASE`` or a prompt, never from an argument that others can list.
What banks and verifiers say is printed through ``safe_text`` only. Leaves out every decision: ``holder`` makes them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answering import JsonOption, for_people, show
from cli.world import DEFAULT_WORLD, WorldOption
from passport.errors import Malformed, Misconfigured, Reason, Rejected

if TYPE_CHECKING:
    from holder import ConsentView, CredentialSummary, OfferView, Presentation, Wallet

PASSPHRASE_VARIABLE = "PASSPORT_WALLET_PASSPHRASE"  # noqa: S105 - the variable's name
_GOOD_LENGTH = 8
_MAX_LINK_FILE = 64 * 1024
# Revoked and suspended read alike, whatever the cause: the difference could tip somebody off.
_STATUS_WORDS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "",
        "valid": "; valid",
        "paused": "; your bank has paused this, ask your bank / 您的銀行已暫停此憑證，請洽銀行",
        "unknown": "; its status cannot be found out now",
    }
)

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
    phrase = RecoveryPhrase.read(_secret("Recovery phrase")) if restore else None
    passphrase = _new_passphrase()
    if not yes and not as_json and sys.stdin.isatty():
        typer.confirm(f"Make a new wallet at {chosen}?", abort=True)
    made = create_wallet(chosen, passphrase, phrase=phrase)
    show(
        {"wallet": str(chosen), "recovery_phrase": made.words},
        as_json=as_json,
        lines=[f"Your wallet: {chosen}", *_phrase_lines(made.words)],
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
    chosen, link = wallet_path(path), _link(offer)
    found = world_path(world)
    made = _make_if_missing(chosen, found)
    with open_for(chosen, found) as opened:
        _say_notices(opened)
        code = tx_code
        if not as_json and sys.stdin.isatty():
            view = opened.read_offer(link)
            print("\n".join(offer_lines(view)))
            if code is None and view.code_needed:
                code = typer.prompt("Transaction code from your bank")
            if not yes and tx_code is None:
                typer.confirm("Accept?", abort=True)
        accepted = opened.accept(link, code)
    document: dict[str, object] = {"credentials": [describe(each) for each in accepted]}
    lines = [f"Saved: {_line_of(each)}" for each in accepted]
    if made is not None:
        document |= {"wallet": str(chosen), "recovery_phrase": made}
        lines += [f"Your new wallet: {chosen}", *_phrase_lines(made)]
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
    link = _link(request)
    with open_for(wallet_path(path), world_path(world)) as opened:
        _say_notices(opened)
        pending = opened.pending(link)
        if pending is not None:
            shown = opened.resend(pending)
        else:
            view = opened.review(link)
            if not as_json:
                print("\n".join(consent_lines(view)))
            if not yes:
                _ask_consent(as_json=as_json)
            shown = opened.present(view, allow_reuse=allow_reuse)
    document = describe_presentation(shown.presentation)
    lines = [
        f"Delivered to {_safe(shown.presentation.verifier_name)}. The bank will tell you what it decides."
    ]
    if shown.redirect_uri is not None:
        lines.append(f"Go on here: {_safe(shown.redirect_uri)}")
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
        _say_notices(opened)
    show(
        {
            "credentials": [{**describe(each), "status": status.get(each.reference)} for each in held],
            "notices": list(notices),
        },
        as_json=as_json,
        lines=[_line_of(each) + _STATUS_WORDS[status.get(each.reference)] for each in held]
        or ["The wallet is empty."],
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
        lines=[
            f"{line.presentation.at:%Y-%m-%d %H:%M} UTC  {_safe(line.presentation.verifier_name)}  "
            f"{line.presentation.outcome.value}  {_safe('; '.join(line.presentation.shown))}"
            for line in said
        ]
        or ["Nothing was shown to anybody."],
    )


@wallet.command("recover")
@for_people
def recover(path: WalletOption = None, as_json: JsonOption = False) -> None:
    """Give the wallet a new passphrase, by its recovery phrase."""
    from holder import RecoveryPhrase, recover_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    chosen = wallet_path(path)
    phrase = RecoveryPhrase.read(_secret("Recovery phrase"))
    recover_wallet(chosen, phrase, _new_passphrase(), seen_directory=seen_directory())
    show({"wallet": str(chosen)}, as_json=as_json, lines=[f"{chosen} has a new passphrase."])


def wallet_path(path: Path | None) -> Path:
    """The wallet file: the option, else PASSPORT_WALLET, else one in the person's home."""
    named = os.environ.get("PASSPORT_WALLET")
    if path is not None or named:
        return path or Path(named or "")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "financial-passport" / "wallet"


def seen_directory() -> Path:
    """Where this machine remembers how far it has seen each wallet."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "financial-passport" / "wallets"


def world_path(world: Path | None) -> Path:
    """The world's file: the option, else PASSPORT_WORLD, else the one that `make up` writes."""
    return world or Path(os.environ.get("PASSPORT_WORLD", DEFAULT_WORLD))


def open_for(path: Path, world: Path | None = None) -> Wallet:
    """The wallet, opened in a world, or without one to be looked into."""
    from holder import TrustSettings, WalletMissing, open_wallet  # noqa: PLC0415 - see above

    if not path.exists():
        raise WalletMissing(path)
    settings = None if world is None else TrustSettings.from_world(world)
    return open_wallet(path, _passphrase(), settings, seen_directory=seen_directory())


def describe(credential: CredentialSummary) -> Mapping[str, object]:
    """A credential for scripts."""
    return {
        "id": credential.reference,
        "type": credential.type,
        "format": credential.format,
        "title": {"en": credential.title.en, "zh-TW": credential.title.zh_tw},
        "issuer": credential.issuer_url,
        "issuer_did": credential.issuer_did,
        "issued_at": None if credential.issued_at is None else credential.issued_at.isoformat(),
        "expires_at": None if credential.expires_at is None else credential.expires_at.isoformat(),
        "expired": credential.expired,
        "signature_checked": credential.signature_checked,
        "copies": [
            {"slot": copy.slot, "shown_to": copy.shown_to, "sha256": copy.sha256}
            for copy in credential.copies
        ],
        "claims": credential.claims,
    }


def describe_presentation(presentation: Presentation) -> Mapping[str, object]:
    """A presentation for scripts."""
    return {
        "id": presentation.reference,
        "status": presentation.outcome.value,
        "at": presentation.at.isoformat(),
        "verifier": presentation.verifier_name,
        "verifier_did": presentation.verifier_did,
        "shown": list(presentation.shown),
        "slot": presentation.slot,
        "reused": presentation.reused,
        "redirect_uri": presentation.redirect_uri,
    }


def offer_lines(view: OfferView) -> list[str]:
    """Who offers what, as the registry knows them: before any code is typed for them."""
    name = view.issuer_name
    known = "not available now; know the bank by its address / 目前無法取得，請依網址辨識銀行"
    if name is not None:
        known = f"{_safe(name.en)} / {_safe(name.zh_tw)}"
    return [
        f"Registered name / 登記名稱: {known}",
        f"  {_safe(view.issuer_url)} is accredited ({view.issuer_did}) and offers: {_safe(', '.join(view.offered))}",
    ]


def consent_lines(view: ConsentView) -> list[str]:
    """The whole question, in both languages: who, for what, what is shown, what stays hidden, and the rights."""
    asks = f"{_safe(view.verifier_name.en)} / {_safe(view.verifier_name.zh_tw)}"
    lines = [
        f"{asks} ({view.country}, LEI {view.verifier_lei}) asks.",
        f"  Purpose / 目的: {_safe(view.purpose.en)} / {_safe(view.purpose.zh_tw)}",
        f"  Categories / 類別: {_safe('; '.join(each.en for each in view.categories))}",
        f"  Kept / 保存期間: {_safe(view.retention.en)} / {_safe(view.retention.zh_tw)}",
        f"  Received by / 利用對象: {_safe(view.recipients.en)} / {_safe(view.recipients.zh_tw)}",
        f"  Your rights / 權利: {_safe(view.rights.en)} ({_safe(view.verifier_contact)})",
        f"  If you say no / 不提供之影響: {_safe(view.if_refused.en)}",
    ]
    if view.asks_hub:
        lines.append("  It asks the fraud hub about the account first. / 將先向金流 Hub 查詢。")
    for credential in view.credentials:
        lines.append(f"  From {_safe(credential.title.en)} / {_safe(credential.title.zh_tw)}:")
        lines += [
            f"    shown / 出示: {_safe(claim.label.en)} / {_safe(claim.label.zh_tw)} = {_safe(claim.value.en)}"
            for claim in credential.shown
        ]
        hidden = ", ".join(label.en for label in credential.hidden)
        lines.append(f"    stays hidden / 不出示: {_safe(hidden) or '-'}")
    if view.offline:
        lines.append(
            f"  The ledger cannot be reached; this is what it said at {view.checked_at:%Y-%m-%d %H:%M} UTC."
        )
    if view.reuse is not None:
        lines.append(
            f"  No unused key is left: {_safe(view.reuse.seen_by_name)} has seen this one, and the two could find out "
            "that they know the same person."
        )
    return lines


def _ask_consent(*, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise Rejected(Reason.CONSENT_NEEDED, "nothing was shown: a person must say yes, or pass --yes")
    if not typer.confirm("Show this?"):
        raise Rejected(Reason.CONSENT_NEEDED, "nothing was shown")


def _make_if_missing(path: Path, world: Path) -> str | None:
    """With a passphrase in the environment, accepting makes a missing wallet; its recovery phrase, if it did."""
    if path.exists() or not os.environ.get(PASSPHRASE_VARIABLE):
        return None
    from holder import TrustSettings, create_wallet  # noqa: PLC0415 - `passport --help` waits for nothing

    TrustSettings.from_world(world)
    return create_wallet(path, _passphrase()).words


def _passphrase() -> str:
    return os.environ.get(PASSPHRASE_VARIABLE) or _secret("Passphrase")


def _new_passphrase() -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        if len(given) < _GOOD_LENGTH:
            sys.stderr.write(f"passport: a passphrase of {_GOOD_LENGTH} characters or more is safer\n")
        return given
    passphrase = _secret("New passphrase", confirm=True)
    if len(passphrase) < _GOOD_LENGTH:
        raise Malformed(f"expected a passphrase of at least {_GOOD_LENGTH} characters")
    return passphrase


def _secret(what: str, *, confirm: bool = False) -> str:
    if not sys.stdin.isatty():
        raise Misconfigured(f"expected {what.lower()} from a terminal; scripts set {PASSPHRASE_VARIABLE}")
    answer: str = typer.prompt(what, hide_input=True, confirmation_prompt=confirm)
    return answer


def _link(text: str) -> str:
    """A link as it was given, from a file, or from standard input: all three go the same way from here."""
    if text == "-":
        return sys.stdin.read(_MAX_LINK_FILE).strip()
    if "://" in text:
        return text.strip()
    try:
        with Path(text).open(encoding="utf-8") as file:
            return file.read(_MAX_LINK_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("expected a link, or a file that holds one") from error


def _say_notices(opened: Wallet) -> None:
    for notice in opened.notices:
        sys.stderr.write(f"passport: {notice}\n")


def _phrase_lines(words: str) -> list[str]:
    return ["Your recovery phrase, shown this once. Write it down and keep it apart:", f"  {words}"]


def _line_of(credential: CredentialSummary) -> str:
    until = "" if credential.expires_at is None else f", until {credential.expires_at:%Y-%m-%d}"
    ended = " (expired)" if credential.expired else ""
    ended += "" if credential.signature_checked else " (signature not checked by this wallet)"
    return (
        f"{_safe(credential.title.en)} / {_safe(credential.title.zh_tw)} by {_safe(credential.issuer_url)}{until}"
        f"{ended}; {credential.free_copies} of {len(credential.copies)} copies unused"
    )


def _safe(text: str) -> str:
    from holder import safe_text  # noqa: PLC0415 - `passport --help` waits for nothing

    return safe_text(text)
