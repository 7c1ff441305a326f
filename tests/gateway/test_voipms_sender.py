"""VoIP.ms' sender check beyond the recorded requests: what it reports, and how little it does for strangers."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from gateway.providers.base import NotAuthentic, Proof, RawRequest, Refusal
from gateway.providers.voipms.verify import SenderCheck
from support.events import NOON

LISTED = ip_network("203.0.113.0/24")


def request(query: str, client: str | None = "198.51.100.1") -> RawRequest:
    address = ip_address(client) if client else None
    return RawRequest("/", query, {}, b"", address, NOON, "")


def observing() -> SenderCheck:
    return SenderCheck((LISTED,), "secret", observe=True)


def test_an_unlisted_address_with_the_right_token_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    check = observing()
    proofs = {check.verify(request("token=secret", client)).proof for client in ("198.51.100.1", "2001:db8::1") * 3}
    assert proofs == {Proof.UNLISTED_ADDRESS_AND_TOKEN}
    assert check.verify(request("token=secret", "203.0.113.5")).proof == Proof.ADDRESS_AND_TOKEN
    with pytest.raises(NotAuthentic):
        check.verify(request("token=guess", "198.51.100.9"))
    lines = capsys.readouterr().out.splitlines()
    assert ["198.51.100.1" in lines[0], "2001:db8::1" in lines[1], len(lines)] == [True, True, 2]
    assert "secret" not in "".join(lines)


def test_reporting_takes_bounded_memory(capsys: pytest.CaptureFixture[str]) -> None:
    check = observing()
    for number in range(3_000):
        check.verify(request("token=secret", str(IPv4Address(number + 1_000_000_000))))
    assert len(capsys.readouterr().out.splitlines()) == 1_000


@pytest.mark.parametrize(
    ("check", "query", "client", "reason"),
    [
        (SenderCheck((), None), "token=", "203.0.113.5", Refusal.NOT_CONFIGURED),
        (SenderCheck((LISTED,), None), "", None, Refusal.WRONG_ADDRESS),
        (SenderCheck((LISTED,), "secret"), "token=secret", "198.51.100.1", Refusal.WRONG_ADDRESS),
        (SenderCheck((LISTED,), "secret"), "token=Secret", "203.0.113.5", Refusal.WRONG_TOKEN),
        (SenderCheck((), "secret"), "token=secret&" * 600, None, Refusal.WRONG_TOKEN),
        (SenderCheck((), "secret"), "&" * 1_000 + "token=secret", None, Refusal.WRONG_TOKEN),
        (SenderCheck((), "secret"), "token=\ud800", None, Refusal.WRONG_TOKEN),
    ],
)
def test_what_is_refused_says_why(check: SenderCheck, query: str, client: str | None, reason: Refusal) -> None:
    with pytest.raises(NotAuthentic) as refused:
        check.verify(request(query, client))
    assert refused.value.reason == reason


def test_a_client_that_failed_too_often_is_heard_from_a_listed_address_only() -> None:
    check = SenderCheck((LISTED,), "secret")
    heard = [check.may_prove_itself({}, client) for client in (ip_address("203.0.113.5"), ip_address("::1"), None)]
    assert heard == [True, False, False]
