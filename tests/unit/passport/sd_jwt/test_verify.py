import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.clock import Entropy
from passport.disclosable import DECOY, ClaimTree, Disclosable
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected
from passport.jose import PrivateKeySigner, b64u_encode, sign_compact
from passport.keys import TokenType
from passport.sd_jwt import (
    IssuedSdJwt,
    SdJwtLimits,
    check_validity,
    issue,
    parse,
    present,
    unfold,
    verify_issuer,
    verify_issuer_jwt,
    verify_key_binding,
    verify_key_binding_without_disclosures,
)
from passport.strict_json import JsonObject, JsonValue, Limits, dumps

NONCE, AUD = "n-1", "x509_hash:X"


def disclosure(*parts: JsonValue) -> str:
    return b64u_encode(dumps(list(parts)))


def digest(text: str) -> str:
    return b64u_encode(hashlib.sha256(text.encode()).digest())


def reason_of(call: Callable[[], object]) -> Reason:
    with pytest.raises(Rejected) as caught:
        call()
    return caught.value.reason


# --- Reading ---


@pytest.mark.parametrize(
    "text", ["", "~", "e30.e30.e30", "a.b~", "e30.e30.e30~~", "e30.e30.e30~AA~~kb", "é~"]
)
def test_text_that_is_not_an_sd_jwt_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


def test_size_and_count_limits_hold_at_the_edge_and_one_past_it() -> None:
    text = "e30.e30.e30~" + "AA~" * 3
    parse(text, SdJwtLimits(size=len(text), disclosures=3))
    with pytest.raises(Malformed, match="characters"):
        parse(text, SdJwtLimits(size=len(text) - 1))
    with pytest.raises(Malformed, match="at most 2 disclosures"):
        parse(text, SdJwtLimits(disclosures=2))


# --- Disclosures: RFC 9901 section 7.1, steps 3 to 5 ---


@pytest.mark.parametrize(
    "parts",
    [("salt", "name"), ("salt", "name", 1, 2), (), (1, "name", 1), ("salt", 2, 3), ("salt", None, 3)],
)
def test_a_members_disclosure_of_another_shape_is_refused(parts: tuple[JsonValue, ...]) -> None:
    text = disclosure(*parts)
    assert reason_of(lambda: unfold({"_sd": [digest(text)]}, [text])) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize("parts", [("salt",), ("salt", "name", 1), (), (1, 2), ({}, 1)])
def test_an_elements_disclosure_of_another_shape_is_refused(parts: tuple[JsonValue, ...]) -> None:
    text = disclosure(*parts)
    assert reason_of(lambda: unfold({"a": [{"...": digest(text)}]}, [text])) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize("text", ["!", "AB", "AAAA", b64u_encode(b'{"a":1}'), b64u_encode(b'["s","n",NaN]')])
def test_a_signed_disclosure_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        unfold({"_sd": [digest(text)]}, [text])


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_a_reserved_name_in_a_disclosure_is_refused(name: str) -> None:
    text = disclosure("salt", name, "x")
    assert reason_of(lambda: unfold({"_sd": [digest(text)]}, [text])) is Reason.DISCLOSURE_INVALID
    inner = {"a": {"_sd": [digest(text)]}}
    assert reason_of(lambda: unfold(inner, [text])) is Reason.DISCLOSURE_INVALID


def test_a_claim_that_is_open_already_is_not_overwritten() -> None:
    text = disclosure("salt", "iss", "https://thief.example")
    payload: JsonObject = {"_sd": [digest(text)], "iss": "https://bank.example"}
    assert reason_of(lambda: unfold(payload, [text])) is Reason.DISCLOSURE_INVALID


def test_two_disclosures_of_one_name_at_one_level_are_refused() -> None:
    texts = [disclosure("salt1", "a", 1), disclosure("salt2", "a", 2)]
    payload = {"_sd": [digest(text) for text in texts]}
    assert reason_of(lambda: unfold(payload, texts)) is Reason.DISCLOSURE_INVALID


def test_one_name_at_two_levels_is_two_claims() -> None:
    texts = [disclosure("salt1", "a", 1), disclosure("salt2", "a", 2)]
    payload: JsonObject = {"_sd": [digest(texts[0])], "inner": {"_sd": [digest(texts[1])]}}
    assert unfold(payload, texts).claims == {"a": 1, "inner": {"a": 2}}


def test_an_unreferenced_disclosure_is_refused_undecoded() -> None:
    assert reason_of(lambda: unfold({"_sd": []}, ["%%%"])) is Reason.DISCLOSURE_NOT_SIGNED


def test_an_inner_disclosure_without_its_outer_one_is_refused() -> None:
    inner = disclosure("salt", "city", "Taipei")
    outer = disclosure("salt", "address", {"_sd": [digest(inner)]})
    payload = {"_sd": [digest(outer)]}
    assert unfold(payload, [inner, outer]).claims == {"address": {"city": "Taipei"}}
    assert unfold(payload, [outer]).claims == {"address": {}}
    assert reason_of(lambda: unfold(payload, [inner])) is Reason.DISCLOSURE_NOT_SIGNED


@pytest.mark.parametrize("known", [True, False])
def test_a_digest_that_occurs_twice_is_refused_known_or_not(known: bool) -> None:  # noqa: FBT001 - a case
    text = disclosure("salt", "a", 1)
    element = disclosure("salt", 1)
    payloads: list[JsonObject] = [
        {"_sd": [digest(text), digest(text)]},
        {"_sd": [digest(text)], "inner": {"_sd": [digest(text)]}},
        {"_sd": [digest(element)], "list": [{"...": digest(element)}]},
        {"list": [{"...": digest(element)}, {"...": digest(element)}]},
    ]
    for payload in payloads:
        texts = [text if digest(text) in dumps(payload).decode() else element] if known else []
        assert reason_of(lambda payload=payload, texts=texts: unfold(payload, texts)) is (  # type: ignore[misc]
            Reason.DISCLOSURE_INVALID
        )


def test_a_digest_repeated_inside_a_disclosure_is_refused() -> None:
    inner = disclosure("salt", "b", 2)
    outer = disclosure("salt", "a", {"_sd": [digest(inner)]})
    payload = {"_sd": [digest(outer), digest(inner)]}
    assert reason_of(lambda: unfold(payload, [outer, inner])) is Reason.DISCLOSURE_INVALID


def test_a_disclosure_sent_twice_is_refused() -> None:
    text = disclosure("salt", "a", 1)
    assert reason_of(lambda: unfold({"_sd": [digest(text)]}, [text, text])) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize(
    "payload",
    [
        {"...": "x"},
        {"a": {"...": "x"}},
        {"a": [{"...": "x", "b": 1}]},
        {"a": [[{"...": "x", "_sd": []}]]},
    ],
)
def test_three_dots_elsewhere_are_refused(payload: JsonObject) -> None:
    assert reason_of(lambda: unfold(payload, [])) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize(
    "payload",
    [{"_sd": "x"}, {"_sd": {}}, {"_sd": [1]}, {"_sd": [None]}, {"a": [{"...": 1}]}, {"a": [{"...": []}]}],
)
def test_digests_that_are_not_text_are_refused(payload: JsonObject) -> None:
    with pytest.raises(Malformed):
        unfold(payload, [])


def test_depth_limit_holds_through_disclosures_at_the_edge_and_one_past_it() -> None:
    def chain(length: int) -> tuple[JsonObject, list[str]]:
        texts = [disclosure("salt", "a", 0)]
        for _ in range(length - 1):
            texts.append(disclosure("salt", "a", {"_sd": [digest(texts[-1])]}))
        return {"_sd": [digest(texts[-1])]}, texts

    payload, texts = chain(24)
    assert len(unfold(payload, texts).disclosed) == 24
    payload, texts = chain(25)
    with pytest.raises(Malformed, match="24 levels"):
        unfold(payload, texts)


# --- The issuer ---


def test_another_issuers_key_is_refused(issued: IssuedSdJwt, thief: PrivateKeySigner) -> None:
    assert reason_of(lambda: verify_issuer(parse(issued.text), thief.public_jwk)) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("name", ["sha-512", "SHA-256", "md5", "", None, ["sha-256"]])
def test_another_hash_algorithm_is_refused(bank: PrivateKeySigner, name: JsonValue) -> None:
    token = sign_compact(typ=TokenType.CREDENTIAL, payload={"_sd_alg": name}, signer=bank)
    assert reason_of(lambda: verify_issuer_jwt(token, bank.public_jwk)) is Reason.ALGORITHM_NOT_ALLOWED


def test_no_hash_algorithm_means_sha_256(bank: PrivateKeySigner) -> None:
    text = disclosure("salt", "a", 1)
    token = sign_compact(typ=TokenType.CREDENTIAL, payload={"_sd": [digest(text)]}, signer=bank)
    assert verify_issuer(parse(f"{token}~{text}~"), bank.public_jwk).claims == {"a": 1}


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"])
def test_what_must_be_open_is_not_taken_from_a_disclosure(bank: PrivateKeySigner, name: str) -> None:
    text = disclosure("salt", name, 1)
    token = sign_compact(typ=TokenType.CREDENTIAL, payload={"_sd": [digest(text)]}, signer=bank)
    assert (
        reason_of(lambda: verify_issuer(parse(f"{token}~{text}~"), bank.public_jwk))
        is Reason.DISCLOSURE_INVALID
    )


def test_another_type_of_token_is_no_credential(bank: PrivateKeySigner) -> None:
    token = sign_compact(typ="vc+sd-jwt", payload={}, signer=bank)
    assert reason_of(lambda: verify_issuer(parse(token + "~"), bank.public_jwk)) is Reason.TOKEN_TYPE_MISMATCH
    assert verify_issuer(parse(token + "~"), bank.public_jwk, typ="vc+sd-jwt").claims == {}


# --- Key binding: RFC 9901 section 7.3 ---


@pytest.fixture
def presentation(issued: IssuedSdJwt, holder: PrivateKeySigner, now: datetime) -> str:
    return present(
        issued.text,
        disclose=[("given_name",)],
        holder_signer=holder,
        nonce=NONCE,
        aud=AUD,
        iat=int(now.timestamp()),
    )


def judge(
    text: str, bank: PrivateKeySigner, now: datetime, *, nonce: str = NONCE, aud: str = AUD
) -> JsonObject:
    return verify_key_binding(
        verify_issuer(parse(text), bank.public_jwk), nonce=nonce, aud=aud, now=now
    ).claims


def rebound(presentation: str, signer: PrivateKeySigner, now: datetime, **change: JsonValue) -> str:
    """The same showing with a KB-JWT in which one thing is spoilt."""
    bound = presentation[: presentation.rindex("~") + 1]
    claims: dict[str, JsonValue] = {
        "nonce": NONCE,
        "aud": AUD,
        "iat": int(now.timestamp()),
        "sd_hash": digest(bound),
        **change,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return bound + sign_compact(typ=TokenType.KEY_BINDING, payload=kept, signer=signer)


def test_a_true_presentation_is_accepted(presentation: str, bank: PrivateKeySigner, now: datetime) -> None:
    assert judge(presentation, bank, now)["given_name"] == "Mei-Ling"


def test_a_presentation_without_key_binding_is_refused(
    issued: IssuedSdJwt, bank: PrivateKeySigner, now: datetime
) -> None:
    assert reason_of(lambda: judge(issued.text, bank, now)) is Reason.HOLDER_BINDING_INVALID


def test_somebody_elses_signature_is_refused(
    presentation: str, bank: PrivateKeySigner, thief: PrivateKeySigner, now: datetime
) -> None:
    text = rebound(presentation, thief, now)
    assert reason_of(lambda: judge(text, bank, now)) is Reason.HOLDER_BINDING_INVALID


def test_another_nonce_or_audience_is_refused(
    presentation: str, bank: PrivateKeySigner, now: datetime
) -> None:
    assert reason_of(lambda: judge(presentation, bank, now, nonce="n-2")) is Reason.NONCE_MISMATCH
    assert reason_of(lambda: judge(presentation, bank, now, aud="x509_hash:Y")) is Reason.AUDIENCE_MISMATCH


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"nonce": None}, Malformed),
        ({"nonce": 1}, Malformed),
        ({"aud": None}, Malformed),
        ({"aud": [AUD]}, Malformed),
        ({"iat": None}, Malformed),
        ({"iat": "now"}, Malformed),
        ({"iat": True}, Malformed),
        ({"sd_hash": None}, Malformed),
        ({"sd_hash": "AAAA"}, Rejected),
        ({"sd_hash": "戶"}, Rejected),
        ({"nonce": "戶"}, Rejected),
        ({"exp": 1}, Rejected),
        ({"nbf": 2**40}, Rejected),
    ],
)
def test_a_spoilt_key_binding_claim_is_refused(
    *,
    presentation: str,
    bank: PrivateKeySigner,
    holder: PrivateKeySigner,
    now: datetime,
    change: dict[str, JsonValue],
    error: type[PassportError],
) -> None:
    with pytest.raises(error):
        judge(rebound(presentation, holder, now, **change), bank, now)


def test_the_holders_token_of_another_type_is_no_key_binding(
    presentation: str, bank: PrivateKeySigner, holder: PrivateKeySigner, now: datetime
) -> None:
    bound = presentation[: presentation.rindex("~") + 1]
    claims: JsonObject = {"nonce": NONCE, "aud": AUD, "iat": int(now.timestamp()), "sd_hash": digest(bound)}
    proof = sign_compact(typ=TokenType.KEY_PROOF, payload=claims, signer=holder)
    assert reason_of(lambda: judge(bound + proof, bank, now)) is Reason.TOKEN_TYPE_MISMATCH


def test_age_holds_at_the_edges_and_one_second_past_them(
    presentation: str, bank: PrivateKeySigner, now: datetime
) -> None:
    judge(presentation, bank, now + timedelta(minutes=5))
    late = now + timedelta(minutes=5, seconds=1)
    assert reason_of(lambda: judge(presentation, bank, late)) is Reason.HOLDER_BINDING_STALE
    judge(presentation, bank, now - timedelta(seconds=60))
    early = now - timedelta(seconds=61)
    assert reason_of(lambda: judge(presentation, bank, early)) is Reason.NOT_YET_VALID


def test_a_disclosure_taken_away_or_added_after_signing_is_refused(
    issued: IssuedSdJwt, presentation: str, bank: PrivateKeySigner, now: datetime
) -> None:
    jwt, shown, key_binding = presentation.split("~")
    hidden = next(text for text in issued.disclosures if text != shown)
    less = f"{jwt}~{key_binding}"
    assert reason_of(lambda: judge(less, bank, now)) is Reason.HOLDER_BINDING_INVALID
    more = f"{jwt}~{shown}~{hidden}~{key_binding}"
    with pytest.raises(Rejected):
        judge(more, bank, now)


def test_an_altered_disclosure_is_refused_as_not_signed(
    presentation: str, bank: PrivateKeySigner, holder: PrivateKeySigner, now: datetime
) -> None:
    jwt, _, _ = presentation.split("~")
    text = rebound(f"{jwt}~{disclosure('salt', 'given_name', 'Other')}~", holder, now)
    assert reason_of(lambda: judge(text, bank, now)) is Reason.DISCLOSURE_NOT_SIGNED


@given(data=st.data())
def test_no_other_byte_anywhere_in_a_presentation_is_accepted(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(FIXED) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda c: c != FIXED[place]))
    with pytest.raises(PassportError):
        judge(FIXED[:place] + character + FIXED[place + 1 :], FIXED_BANK, FIXED_NOW)


FIXED_BANK = PrivateKeySigner.from_secret(0xB)
FIXED_HOLDER = PrivateKeySigner.from_secret(0xC)
FIXED_NOW = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


def _fixed() -> str:
    text = disclosure("salt", "a", 1)
    token = sign_compact(
        typ=TokenType.CREDENTIAL,
        payload={"_sd": [digest(text)], "cnf": {"jwk": FIXED_HOLDER.public_jwk.to_json()}},
        signer=FIXED_BANK,
    )
    return present(
        f"{token}~{text}~",
        disclose=[()],
        holder_signer=FIXED_HOLDER,
        nonce=NONCE,
        aud=AUD,
        iat=int(FIXED_NOW.timestamp()),
    )


FIXED = _fixed()


def test_the_fixed_presentation_is_accepted_as_it_is() -> None:
    assert judge(FIXED, FIXED_BANK, FIXED_NOW)["a"] == 1


# --- The hub: no disclosures ---


def test_the_hub_checks_the_binding_without_any_disclosure(
    presentation: str, bank: PrivateKeySigner, holder: PrivateKeySigner, now: datetime
) -> None:
    jwt, _, key_binding_jwt = presentation.split("~")
    issuer_jwt = verify_issuer_jwt(jwt, bank.public_jwk)
    binding = verify_key_binding_without_disclosures(
        issuer_jwt, key_binding_jwt, nonce=None, aud=AUD, now=now
    )
    assert (binding.nonce, binding.audience, binding.holder_key) == (NONCE, AUD, holder.public_jwk)
    for nonce, aud, reason in [("n-2", AUD, Reason.NONCE_MISMATCH), (None, "Y", Reason.AUDIENCE_MISMATCH)]:
        with pytest.raises(Rejected) as caught:
            verify_key_binding_without_disclosures(issuer_jwt, key_binding_jwt, nonce=nonce, aud=aud, now=now)
        assert caught.value.reason is reason


def test_the_hub_refuses_a_thiefs_consent(
    presentation: str, bank: PrivateKeySigner, thief: PrivateKeySigner, now: datetime
) -> None:
    jwt = presentation.partition("~")[0]
    forged = rebound(presentation, thief, now).rpartition("~")[2]
    issuer_jwt = verify_issuer_jwt(jwt, bank.public_jwk)
    assert (
        reason_of(
            lambda: verify_key_binding_without_disclosures(issuer_jwt, forged, nonce=NONCE, aud=AUD, now=now)
        )
        is Reason.HOLDER_BINDING_INVALID
    )


@pytest.mark.parametrize("cnf", [None, {}, {"kid": "1"}, {"jwk": {"kty": "OKP"}}, {"jwk": "x"}, "x"])
def test_a_credential_bound_to_no_key_of_ours_cannot_be_presented(
    bank: PrivateKeySigner, cnf: JsonValue, now: datetime
) -> None:
    token = sign_compact(typ=TokenType.CREDENTIAL, payload={"cnf": cnf}, signer=bank)
    with pytest.raises(Malformed):
        judge(f"{token}~{token}", bank, now)


# --- Times ---


def test_validity_holds_at_the_edges_and_one_second_past_them(now: datetime) -> None:
    seconds = int(now.timestamp())
    check_validity({"iat": seconds + 60, "nbf": seconds + 60, "exp": seconds + 1}, now)
    for claims, reason in [
        ({"iat": seconds + 61, "exp": seconds + 99}, Reason.NOT_YET_VALID),
        ({"iat": seconds, "nbf": seconds + 61, "exp": seconds + 99}, Reason.NOT_YET_VALID),
        ({"iat": seconds, "exp": seconds}, Reason.EXPIRED),
    ]:
        with pytest.raises(Rejected) as caught:
            check_validity(claims, now)
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    "claims", [{"iat": 1}, {"exp": 1}, {}, {"iat": 1, "exp": 1e12}, {"iat": "1", "exp": 2}]
)
def test_a_missing_or_unreadable_time_is_refused(claims: JsonObject, now: datetime) -> None:
    with pytest.raises(Malformed):
        check_validity(claims, now)


def test_without_leeway_and_without_requirements(now: datetime) -> None:
    check_validity({}, now, required=())
    assert (
        reason_of(
            lambda: check_validity({"iat": int(now.timestamp()) + 1}, now, timedelta(0), required=("iat",))
        )
        is Reason.NOT_YET_VALID
    )


def test_token_limits_bind_disclosures_too() -> None:
    text = disclosure("salt", "a", "x" * 100)
    limits = SdJwtLimits(token=Limits(size=50))
    with pytest.raises(Malformed):
        unfold({"_sd": [digest(text)]}, [text], limits)


@pytest.mark.parametrize(
    "claims",
    [
        {"cnf": {"jwk": Disclosable({"kty": "EC"})}},
        {"status": {"status_list": {"idx": 1, "uri": Disclosable("https://bank.example")}}},
        {"status": {"status_list": Disclosable({"idx": 1, "uri": "https://bank.example"})}},
        {"vct": Disclosable("urn:x")},
        {"cnf": DECOY},
    ],
)
def test_no_part_of_a_claim_that_must_be_open_is_signed_hidden(
    claims: dict[str, ClaimTree], bank: PrivateKeySigner, entropy: Entropy
) -> None:
    with pytest.raises(Misconfigured, match="as open claims"):
        issue(claims=claims, signer=bank, entropy=entropy)


def test_a_disclosure_inside_a_claim_that_must_be_open_is_refused(
    bank: PrivateKeySigner, now: datetime
) -> None:
    """SD-JWT VC section 3.2.2.2 names the claim; a part of it would hide as much."""
    part = disclosure("salt", "uri", "https://elsewhere.example")
    payload: dict[str, JsonValue] = {
        "iat": int(now.timestamp()),
        "status": {"status_list": {"idx": 1, "_sd": [digest(part)]}},
    }
    token = sign_compact(typ=TokenType.CREDENTIAL, payload=payload, signer=bank)
    with pytest.raises(Rejected) as caught:
        verify_issuer(parse(f"{token}~{part}~"), bank.public_jwk)
    assert (caught.value.reason, "status" in str(caught.value)) == (Reason.DISCLOSURE_INVALID, True)
