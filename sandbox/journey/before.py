"""Steps 1 and 2: the registrar accredits, the holder makes a wallet."""

from __future__ import annotations

import hashlib
import stat

from holder.wiring import create_wallet
from passport import strict_json
from passport.identifiers import DidEthr
from passport.strict_json import JsonObject, as_array, as_object, get_integer, get_text
from sandbox.installation import CHAIN_ID
from sandbox.journey.stage import PASSPHRASE, Stage
from sandbox.journey.step import Evidence, Step, document_of, require

_WORDS = 24


def accreditation(stage: Stage) -> Evidence:
    """What the registrar wrote when the world was made."""
    grants = [
        {"number": g.number, "who": str(g.who), "role": g.role.value, "evidence_hash": g.evidence.hex()}
        for g in stage.standing.accreditation.grants
    ]
    document: JsonObject = {"grants": grants}
    return Evidence("grants", strict_json.canonical(document), f"{len(grants)} grants on the ledger")


def check_accreditation(stage: Stage, evidence: Evidence) -> None:
    """Every grant is on the ledger as the registrar says, and both banks have theirs."""
    grants = [as_object(one) for one in as_array(document_of(evidence).get("grants"))]
    roles = set()
    for said in grants:
        found = stage.ledger.grant(get_integer(said, "number"))
        require(found is not None, "the grant's number on the ledger")
        assert found is not None  # noqa: S101 - said to the type checker; require has raised
        who, role = DidEthr.parse(get_text(said, "who")), get_text(said, "role")
        require(
            (DidEthr(CHAIN_ID, found.participant), found.role.value) == (who, role),
            "the same participant and role",
        )
        require(found.evidence_hash.hex() == get_text(said, "evidence_hash"), "the hash of its registration")
        roles.add((str(who), role))
    dids = stage.standing.accreditation.dids
    expected = {(str(dids["bank_a"]), "issuer"), (str(dids["bank_x"]), "verifier")}
    require(roles >= expected, "bank A as issuer and bank X as verifier")


def make_wallet(stage: Stage) -> Evidence:
    """The holder chooses a passphrase and writes the recovery phrase down."""
    stage.wallet_path.parent.mkdir(mode=0o700, exist_ok=True)
    phrase = create_wallet(stage.wallet_path, PASSPHRASE)
    document: JsonObject = {
        "file_sha256": hashlib.sha256(stage.wallet_path.read_bytes()).hexdigest(),
        "recovery_words": len(phrase.words.split()),
    }
    return Evidence(
        "wallet", strict_json.canonical(document), "an encrypted file that only its owner can read"
    )


def check_wallet(stage: Stage, evidence: Evidence) -> None:
    """The file is the one that was made, private, and opens with the passphrase."""
    said = document_of(evidence)
    content = stage.wallet_path.read_bytes()
    require(hashlib.sha256(content).hexdigest() == get_text(said, "file_sha256"), "the file that was made")
    require(get_integer(said, "recovery_words") == _WORDS, f"a recovery phrase of {_WORDS} words")
    require(stat.S_IMODE(stage.wallet_path.stat().st_mode) == 0o600, "a file of mode 0600")  # noqa: PLR2004
    with stage.wallet() as wallet:
        require(wallet.list() == (), "an empty wallet")


STEPS = (
    Step(
        "1",
        "registrar",
        "accredits bank A as issuer and bank X as verifier",
        accreditation,
        check_accreditation,
    ),
    Step("2", "holder", "makes a wallet: passphrase, keys, recovery phrase", make_wallet, check_wallet),
)
