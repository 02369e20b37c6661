"""Options that several of the wallet's commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WalletOption = Annotated[
    Path | None,
    typer.Option("--wallet", help="The wallet file; default PASSPORT_WALLET, else one in your home."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Answer yes to the question; it is still recorded.")]
RequestArgument = Annotated[
    str, typer.Argument(help="The request's link, a file that holds it, or - for standard input.")
]
