"""Settings that cannot work stop the start, and say which variable is to blame."""

import os

import pytest

from chassis.settings import SettingsError, load
from gateway.settings import GatewaySettings

TOKEN = {"TWILIO_AUTH_TOKEN": "canary-secret", "WEBHOOK_BASE_URL": "https://gw.example.org"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("TWILIO_", "VOIPMS_", "WEBHOOK_", "GATEWAY_", "TRUSTED_", "NATS_", "RATE_LIMIT_")):
            monkeypatch.delenv(name)


def loaded(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> GatewaySettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load(GatewaySettings)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"VOIPMS_ALLOWED_IPS": "203.0.113.0/24,203.0.113.0/33"}, ["VOIPMS_ALLOWED_IPS", "203.0.113.0/33"]),
        ({"VOIPMS_ALLOWED_IPS": "203.0.113.7/24"}, ["VOIPMS_ALLOWED_IPS", "203.0.113.7/24", "host bits"]),
        ({"TRUSTED_PROXIES": "proxy"}, ["TRUSTED_PROXIES", "'proxy'"]),
        ({"VOIPMS_TIMEZONE": "Mars/Olympus"}, ["VOIPMS_TIMEZONE"]),
        ({"GATEWAY_PORT": "70000"}, ["GATEWAY_PORT"]),
        ({"GATEWAY_OPS_PORT": "x"}, ["GATEWAY_OPS_PORT"]),
        ({"TWILIO_AUTH_TOKEN": "canary-secret"}, ["WEBHOOK_BASE_URL"]),
        ({"TWILIO_AUTH_TOKEN_NEXT": "canary-secret"}, ["TWILIO_AUTH_TOKEN_NEXT", "TWILIO_AUTH_TOKEN:"]),
        (TOKEN | {"WEBHOOK_BASE_URL": "gw.example.org"}, ["WEBHOOK_BASE_URL", "absolute"]),
        (TOKEN | {"WEBHOOK_BASE_URL": "https://gw.example.org?x=1"}, ["WEBHOOK_BASE_URL", "query"]),
        ({"TWILIO_SUBACCOUNT_TOKENS": "AC1:canary-secret"}, ["WEBHOOK_BASE_URL", "TWILIO_SUBACCOUNT_TOKENS"]),
        ({"TWILIO_SHARED_KEYS": "webhooks_sharedkey_1:canary-secret"}, ["WEBHOOK_BASE_URL", "TWILIO_SHARED_KEYS"]),
        (TOKEN | {"TWILIO_SUBACCOUNT_TOKENS": "AC1:x,canary-secret"}, ["TWILIO_SUBACCOUNT_TOKENS", "entry 2"]),
        (TOKEN | {"TWILIO_SUBACCOUNT_TOKENS": "AC1:"}, ["TWILIO_SUBACCOUNT_TOKENS", "AccountSid:token"]),
        (TOKEN | {"TWILIO_SHARED_KEYS": ":canary-secret"}, ["TWILIO_SHARED_KEYS", "key:secret"]),
        ({"VOIPMS_ADDRESS_CHECK": "observe"}, ["VOIPMS_ADDRESS_CHECK", "VOIPMS_WEBHOOK_TOKEN"]),
        ({"VOIPMS_ADDRESS_CHECK": "ignore"}, ["VOIPMS_ADDRESS_CHECK"]),
        ({"RATE_LIMIT_FAILURES": "often"}, ["RATE_LIMIT_FAILURES", "600/minute"]),
        ({"RATE_LIMIT_VERIFIED": "0/minute"}, ["RATE_LIMIT_VERIFIED", "at least one"]),
        ({"RATE_LIMIT_STORAGE_URL": "memcached://canary-secret:1"}, ["RATE_LIMIT_STORAGE_URL", "redis://"]),
        ({"RATE_LIMIT_STORAGE_URL": "redis://:canary-secret@x:port"}, ["RATE_LIMIT_STORAGE_URL", "redis://"]),
        ({"RATE_LIMIT_FAILURE": "5/minute"}, ["RATE_LIMIT_FAILURE ", "RATE_LIMIT_FAILURES"]),
        ({"VOIPMS_ALOWED_IPS": "203.0.113.7"}, ["VOIPMS_ALOWED_IPS", "VOIPMS_ALLOWED_IPS"]),
    ],
)
def test_what_cannot_work_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(monkeypatch, environment)
    assert [word for word in named if word not in str(error.value)] == []
    assert "canary-secret" not in str(error.value)


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, TOKEN | {"VOIPMS_ALLOWED_IPS": "184.75.214.0/24, 2001:db8::/32,203.0.113.7,"})
    assert [str(network) for network in settings.voipms_allowed_ips] == [
        "184.75.214.0/24",
        "2001:db8::/32",
        "203.0.113.7/32",
    ]


def test_addresses_mapped_into_ipv6_are_ipv4_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"VOIPMS_ALLOWED_IPS": "::ffff:192.0.2.0/120,::ffff:198.51.100.7,::/0"}
    settings = loaded(monkeypatch, listed)
    assert list(map(str, settings.voipms_allowed_ips)) == ["192.0.2.0/24", "198.51.100.7/32", "::/0"]


def test_named_secrets_are_lists_and_a_name_may_be_there_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {
        "TWILIO_SUBACCOUNT_TOKENS": "AC1:a, AC1:b,AC2:c:d,",
        "TWILIO_SHARED_KEYS": "webhooks_sharedkey_1:canary-secret",
    }
    settings = loaded(monkeypatch, TOKEN | named)
    assert [(sid, token.get_secret_value()) for sid, token in settings.subaccounts] == [
        ("AC1", "a"),
        ("AC1", "b"),
        ("AC2", "c:d"),
    ]
    assert [key for key, _ in settings.shared_keys] == ["webhooks_sharedkey_1"]
    assert "canary-secret" not in f"{settings} {settings.effective()}"


def test_limits_can_be_set_and_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, {"RATE_LIMIT_FAILURES": "5/minute", "RATE_LIMIT_VERIFIED": "off"})
    assert (settings.effective()["RATE_LIMIT_FAILURES"], settings.rate_limit_verified) == ("5 per 1 minute", None)


def test_the_effective_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, TOKEN | {"VOIPMS_WEBHOOK_TOKEN": "canary-secret"})
    effective = settings.effective()
    assert "canary-secret" not in str(effective)
    assert (effective["WEBHOOK_BASE_URL"], effective["VOIPMS_TIMEZONE"]) == (
        "https://gw.example.org",
        "America/New_York",
    )


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(loaded(monkeypatch, {}).public_url) == "http://127.0.0.1:3001"
