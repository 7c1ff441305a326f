"""The settings of a connection to NATS: what cannot work is told at start, by name."""

from pathlib import Path

import nkeys
import pytest

from chassis.nats_access import NatsAccess
from chassis.settings import SettingsError, load
from support.secured_nats import authority

TLS = "tls://127.0.0.1:4222"


def seed(prefix: int) -> str:
    return bytes(nkeys.encode_seed(b"0" * 32, prefix)).decode()


USER, ACCOUNT = seed(nkeys.PREFIX_BYTE_USER), seed(nkeys.PREFIX_BYTE_ACCOUNT)
CREDS = (
    "-----BEGIN NATS USER JWT-----\nx.y.z\n------END NATS USER JWT------\n"
    f"-----BEGIN USER NKEY SEED-----\n{USER}\n------END USER NKEY SEED------\n"
)


def test_without_settings_a_server_on_this_machine_is_meant() -> None:
    access = load(NatsAccess)
    assert access.nats_url.get_secret_value() == "nats://127.0.0.1:4222"
    assert access.nats_security.ssl_context is None


@pytest.mark.parametrize("text", [USER, f"{USER}\n", CREDS])
def test_a_seed_and_a_credentials_file_are_told_apart(tmp_path: Path, text: str) -> None:
    (tmp_path / "creds").write_text(text)
    security = load(NatsAccess, nats_creds=tmp_path / "creds").nats_security
    assert type(security).__name__ == ("NatsCredentials" if text == CREDS else "NatsNKey")


@pytest.mark.parametrize("content", [b"", b"hunter2", ACCOUNT.encode(), USER[:20].encode(), b"\xff\xfe"])
def test_a_file_that_identifies_nobody_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "creds").write_bytes(content)
    with pytest.raises(SettingsError, match=r"^NATS_CREDS: is neither"):
        load(NatsAccess, nats_creds=tmp_path / "creds")


@pytest.mark.parametrize("name", ["NATS_CREDS", "NATS_CA"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: cannot be read: No such file"):
        load(NatsAccess, nats_url=TLS, **{name.lower(): tmp_path / "nothing"})


@pytest.mark.parametrize("content", ["", "hunter2", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(SettingsError, match=r"^NATS_CA: holds no certificate"):
        load(NatsAccess, nats_url=TLS, nats_ca=tmp_path / "ca.pem")


def test_settings_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    (tmp_path / "creds").write_text(USER)
    with pytest.raises(SettingsError, match="NATS_CREDS and a user in NATS_URL") as refused:
        load(NatsAccess, nats_url="nats://gateway:hunter2@127.0.0.1", nats_creds=tmp_path / "creds")
    assert "hunter2" not in str(refused.value)


def test_an_authority_without_encryption_is_refused(ca_file: Path) -> None:
    with pytest.raises(SettingsError, match="NATS_CA has no effect without tls://"):
        load(NatsAccess, nats_url="nats://127.0.0.1:4222", nats_ca=ca_file)
    assert load(NatsAccess, nats_url=TLS, nats_ca=ca_file).nats_security.ssl_context is not None


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    return authority(tmp_path)[1]
