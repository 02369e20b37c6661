from dataclasses import fields

from passport.haip import HAIP_1_0, NOT_MET, OPEN
from passport.jose import ContentEncryption


def test_haip_asks_for_everything_that_the_open_profile_leaves_open() -> None:
    assert HAIP_1_0.sender_constrained_tokens
    assert HAIP_1_0.encrypted_responses
    assert HAIP_1_0.request_by_reference
    assert HAIP_1_0.https_only
    flags = [field.name for field in fields(OPEN) if isinstance(getattr(OPEN, field.name), bool)]
    assert not any(getattr(OPEN, name) for name in flags)


def test_no_profile_weakens_algorithms() -> None:
    for profile in (HAIP_1_0, OPEN):
        assert profile.signature_algorithms == {"ES256"}
        assert set(profile.response_encryption) == set(ContentEncryption)
    assert NOT_MET
