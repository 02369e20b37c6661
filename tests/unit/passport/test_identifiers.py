import pytest

from passport.errors import Malformed
from passport.identifiers import Address, Bic, Country, DidEthr, Lei

ADDRESS = "0x" + "Ab" * 20


def test_did_ethr_reads_back_what_it_writes() -> None:
    did = DidEthr.parse(f"did:ethr:0x7a69:{ADDRESS}")
    assert did.chain_id == 31337
    assert DidEthr.parse(str(did)) == did


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:ethr:" + ADDRESS,
        "did:ethr:0x07a69:" + ADDRESS,
        "did:ethr:0x7a69:" + ADDRESS + "0",
        "did:ethr:0x7a69:" + ADDRESS + "\n",
        "did:web:bank.example",
    ],
)
def test_other_did_forms_are_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="expected did:ethr"):
        DidEthr.parse(text)


def test_a_did_is_the_same_in_any_case_of_its_hexadecimal_digits() -> None:
    assert DidEthr.parse(f"did:ethr:0x7A69:{ADDRESS}") == DidEthr.parse(f"did:ethr:0x7a69:{ADDRESS.lower()}")


def test_addresses_differ_only_by_value_not_by_letter_case() -> None:
    assert Address(ADDRESS) == Address(ADDRESS.lower())
    assert Address(ADDRESS).raw == b"\xab" * 20


@pytest.mark.parametrize("text", ["0x12", "ab" * 20, "0x" + "g" * 40])
def test_bad_address_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Address(text)


def test_lei_check_digits_are_verified() -> None:
    # The example of ISO 17442 for which the check digits are published.
    assert str(Lei("5493000IBP32UQZ0KL24")) == "5493000IBP32UQZ0KL24"
    with pytest.raises(Malformed):
        Lei("5493000IBP32UQZ0KL42")


@pytest.mark.parametrize("text", ["FPTWTWTP", "FPTWTWTPXXX"])
def test_bic_of_8_or_11_characters(text: str) -> None:
    assert str(Bic(text)) == text


@pytest.mark.parametrize("text", ["FPTWTWT", "fptwtwtp", "FPTWTWTPXX"])
def test_bad_bic_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Bic(text)


def test_country_is_two_capital_letters() -> None:
    assert str(Country("TW")) == "TW"
    with pytest.raises(Malformed):
        Country("Taiwan")
