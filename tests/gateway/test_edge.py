"""Addresses, public URLs and phone numbers: the plain functions at the edge."""

from ipaddress import ip_network

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.client_address import client_address
from gateway.edge.headers import Headers
from gateway.edge.public_url import PublicUrl
from gateway.phone import normalised

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8::1", ["[2001:db9::1]:4711"], "2001:db9::1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], None),
        ("10.0.0.1", ["198.51.100.1:port"], None),
        ("10.0.0.1", ["[2001:db9::1]x"], None),
        ("10.0.0.1", ["[2001:db9::1"], None),
        ("10.0.0.1", ["[198.51.100.1]:80"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1" + " " * 99], None),
        ("10.0.0.1", ["6.6.6.6," * 9_999 + "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [",".join(["198.51.100.1"] + ["10.0.0.2"] * 19)], "198.51.100.1"),
        ("10.0.0.1", [",".join(["198.51.100.1"] + ["10.0.0.2"] * 20)], "10.0.0.2"),
        ("10.0.0.1", [""], None),
        (None, ["198.51.100.1"], None),
        ("unix", [], None),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_the_proxies_are_ours(
    peer: str | None, forwarded: list[str], expected: str | None
) -> None:
    found = client_address(peer, forwarded, PROXIES)
    assert (str(found) if found else None) == expected


@given(headers=st.lists(st.text("1.0:[]fe, x", max_size=40), max_size=4), peer=st.ip_addresses())
def test_whatever_the_header_holds_an_address_or_none_comes_out(headers: list[str], peer: object) -> None:
    found = client_address(str(peer), headers, [*PROXIES, ip_network("0.0.0.0/0"), ip_network("::/0")])
    assert found is None or found.version in (4, 6)


def test_repeated_headers_are_joined_and_space_around_values_is_not_theirs() -> None:
    headers = [(b"x-a", b" 1 \t"), (b"x-b", b"\xe9"), (b"x-a", b"2")]
    assert dict(Headers(headers)) == {"x-a": "1, 2", "x-b": "é"}


@given(forged=st.lists(st.text(max_size=20), max_size=3), peer=st.ip_addresses(v=4))
def test_no_header_changes_who_an_untrusted_peer_is(forged: list[str], peer: object) -> None:
    assert client_address(str(peer), forged, []) == peer


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://gw.example.org", "https://gw.example.org"),
        ("https://gw.example.org/", "https://gw.example.org"),
        ("http://localhost:3001/front/desk/", "http://localhost:3001/front/desk"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_public_url_is_kept_as_it_is_configured(text: str, shown: str) -> None:
    assert str(PublicUrl.parse(text)) == shown
    assert PublicUrl.parse(text).at("/voice") == f"{shown}/voice"


@pytest.mark.parametrize(
    "text",
    ["", "gw.example.org", "ftp://x", "https://", "https://x?a=1", "https://x?", "https://x/#", "https://x:port",
     "https://u:p@x", "https://x:99999", "https://gw.exämple.org", "https://[::1"],
)  # fmt: skip
def test_what_is_no_public_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        PublicUrl.parse(text)


def test_a_request_has_one_url_without_and_one_with_its_port() -> None:
    url = PublicUrl.parse("https://[2001:db8::1]:8443/desk")
    assert url.signed_forms("/a%20b", "x=1") == (
        "https://[2001:db8::1]/desk/a%20b?x=1",
        "https://[2001:db8::1]:8443/desk/a%20b?x=1",
    )
    assert PublicUrl.parse("http://x").signed_forms("/a", "") == ("http://x/a", "http://x:80/a")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2125550123", "+12125550123"),
        ("12125550123", "+12125550123"),
        (" 12125550123", "+12125550123"),
        ("(212) 555-0123", "+12125550123"),
        ("+12125550123", "+12125550123"),
        ("+442071838750", "+442071838750"),
        ("011442071838750", "+442071838750"),
        ("72345", "72345"),
        ("911", "911"),
        ("anonymous", "anonymous"),
        ("+266696687", "+266696687"),
        ("client:julie", "client:julie"),
        ("sip:2125550123@example.org", "sip:2125550123@example.org"),
        ("whatsapp:+12125550123", "whatsapp:+12125550123"),
        ("1-800-FLOWERS", "1-800-FLOWERS"),
    ],
)
def test_numbers_are_e164_where_they_can_be(received: str, expected: str) -> None:
    assert normalised(received) == expected


@given(st.text())
def test_any_sender_is_a_sender(received: str) -> None:
    assert normalised(normalised(received)) == normalised(received)


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True))
def test_a_north_american_number_in_full_is_what_the_library_makes_of_it(number: str) -> None:
    parsed = phonenumbers.parse(number, "US")
    assert phonenumbers.is_possible_number(parsed)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number == normalised(number)
