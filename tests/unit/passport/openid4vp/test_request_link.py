import pytest

from passport.errors import Malformed
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import RequestUriMethod
from passport.openid4vp.request_link import RequestLink, RequestUriPost

CLIENT = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"


def test_a_link_with_request_uri_reads_back_what_it_wrote() -> None:
    link = RequestLink(CLIENT, "http://127.0.0.1:9/oid4vp/requests/1", RequestUriMethod.POST)
    assert RequestLink.parse(link.to_uri()) == link


def test_a_link_by_value_reads_back_what_it_wrote() -> None:
    link = RequestLink(CLIENT, request="a.b.c")
    assert RequestLink.parse(link.to_uri()) == link


def test_without_a_method_the_wallet_uses_get() -> None:
    read = RequestLink.parse(f"openid4vp://?client_id={CLIENT}&request_uri=https%3A%2F%2Fx.example%2F1")
    assert read.request_uri_method is RequestUriMethod.GET


@pytest.mark.parametrize(
    "query",
    [
        "request_uri=https://x.example",
        f"client_id={CLIENT}",
        f"client_id={CLIENT}&request_uri=https://x.example&request=a.b.c",
        f"client_id={CLIENT}&request_uri=https://x.example&request_uri_method=POST",
        f"client_id={CLIENT}&request=a.b.c&request_uri_method=post",
        f"client_id={CLIENT}&request_uri=",
        f"client_id={'c' * (LIMITS.text + 1)}&request=a.b.c",
        f"client_id={CLIENT}&request_uri={'u' * (LIMITS.uri + 1)}",
    ],
)
def test_other_links_are_malformed(query: str) -> None:
    with pytest.raises(Malformed, match="request link"):
        RequestLink.parse(f"openid4vp://?{query}")


@pytest.mark.parametrize(
    "post", [RequestUriPost(), RequestUriPost("n"), RequestUriPost("n", {"vp_formats_supported": {}})]
)
def test_a_post_to_request_uri_reads_back_what_it_wrote(post: RequestUriPost) -> None:
    assert RequestUriPost.parse(post.to_form()) == post


@pytest.mark.parametrize(
    "body",
    [
        b"wallet_nonce=",
        b"wallet_nonce=" + b"n" * (LIMITS.text + 1),
        b"wallet_metadata=x",
        b"wallet_metadata=[]",
    ],
)
def test_a_post_with_a_bad_part_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        RequestUriPost.parse(body)
