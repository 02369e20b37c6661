"""What a wallet showed bank X, in lines for its officers."""

from __future__ import annotations

import json

from cli.answering import safe
from passport.strict_json import JsonObject, as_object, get_object


def disclosed_lines(said: JsonObject) -> list[str]:
    """What the wallet showed; nothing where it is gone."""
    if "disclosed" not in said:
        return []
    gone = "until somebody settles it" if said.get("status") == "review" else "bank X has now forgotten it"
    return [f"Shown by the wallet; {gone}:"] + [
        f"  {query}: {safe(name)} = {safe(json.dumps(value, ensure_ascii=False))}"
        for query, claims in get_object(said, "disclosed").items()
        for name, value in as_object(claims).items()
    ]
