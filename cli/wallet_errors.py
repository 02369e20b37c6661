"""Errors of the citizen's commands, in both languages beside each other; a script gets the codes that it always got."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from cli.answering import code_of, ending_with, safe, tell
from cli.printing import in_both, write_error
from cli.wallet_words import both
from passport.errors import PassportError

P = ParamSpec("P")

#: Typer's errors have no public names; what they mean in Chinese goes by the names that they have.
_USAGE_ZH = {
    "MissingParameter": "缺少必要的參數或選項",
    "NoSuchOption": "沒有此選項",
    "BadOptionUsage": "選項缺少值或用法有誤",
    "BadArgumentUsage": "參數用法有誤",
    "BadParameter": "參數或選項的值不正確",
}
_USAGE_ZH_OTHERWISE = "指令用法有誤"
ABORTED_EN = "cancelled; nothing was sent"
ABORTED_ZH = "已取消，未送出任何資料"


def for_owners(command: Callable[P, None]) -> Callable[P, None]:
    """As ``for_people``, for the owner of a wallet: errors are said in both languages."""
    return ending_with(_tell)(command)


def _tell(error: PassportError, as_json: bool) -> None:
    from holder.error_words import explain  # noqa: PLC0415 - `passport --help` waits for nothing

    if as_json:
        said = explain(error)
        tell(code_of(error), str(error), as_json=True, words={"en": said.en, "zh-TW": said.zh_tw})
        return
    write_error("\n".join(error_lines(error)))


def error_lines(error: PassportError) -> list[str]:
    """What went wrong, for a person: the sentence in both languages, and below it what is known."""
    from holder.error_words import explain  # noqa: PLC0415 - `passport --help` waits for nothing

    said = explain(error)
    lines = [f"passport: {in_both(safe(said.en), safe(said.zh_tw))}"]
    if said.detail is not None:
        lines.append(f"  {safe(said.detail)}")
    lines += [f"  {both(name)}: {both(value)}" for name, value in said.facts]
    return lines


def usage_in_chinese(error: Exception, command: str) -> str:
    """What a wrong option or argument of a wallet's command comes to, and where help is."""
    named = getattr(error, "option_name", None) or _parameter_of(error)
    said = _USAGE_ZH.get(type(error).__name__, _USAGE_ZH_OTHERWISE)
    return f"{said}{f'：{safe(named)}' if named else ''}。說明請見 `{command} --help`"


def _parameter_of(error: Exception) -> str | None:
    hint = getattr(getattr(error, "param", None), "human_readable_name", None)
    return hint if isinstance(hint, str) else None
