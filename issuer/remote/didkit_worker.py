"""didkit, in a process of its own: ``python -m issuer.remote.didkit_worker KEY``, one JSON object a line.

It signs and checks VCDM 1.1 documents with the bank's Ed25519 key, loads nothing from outside, and ends with
``os._exit``: didkit may crash when an interpreter ends (design section 7). The key never leaves this process.

    {"op": "issue", "document": {…}, "created": "…Z"}  →  {"document": {…}}
    {"op": "verify", "document": {…}}                   →  {"errors": […]}
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import didkit

from service.key_files import load_secret_text


async def answer(request: dict[str, Any], key: str) -> dict[str, Any]:
    """What one request gets."""
    document = json.dumps(request["document"])
    if request["op"] == "verify":
        return {"errors": json.loads(await didkit.verify_credential(document, "{}"))["errors"]}
    options = {
        "verificationMethod": await didkit.key_to_verification_method("key", key),
        "proofPurpose": "assertionMethod",
        "created": request["created"],
    }
    return {"document": json.loads(await didkit.issue_credential(document, json.dumps(options), key))}


async def serve(requests: TextIO, answers: TextIO, key: str) -> None:
    """Answer until the other side closes."""
    for line in requests:
        try:
            reply = await answer(json.loads(line), key)
        except Exception as error:  # noqa: BLE001 - whatever didkit raises, the other side hears its class only
            reply = {"failed": type(error).__name__}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def main() -> None:
    """Serve standard input, then end at once."""
    asyncio.run(serve(sys.stdin, sys.stdout, load_secret_text(Path(sys.argv[1]), "W3C key")))
    os._exit(0)


if __name__ == "__main__":
    main()
