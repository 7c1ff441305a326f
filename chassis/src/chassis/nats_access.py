"""How a process reaches NATS: where it is, as whom, and which server it takes for the right one."""

import ssl
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import nkeys
from faststream.nats.security import NatsCredentials, NatsNKey, NatsSecurity
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NatsAccess(BaseSettings):
    """The settings of a connection to NATS, named as NATS' own tools name them."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    nats_url: SecretStr = Field(
        SecretStr("nats://127.0.0.1:4222"),
        description="NATS server, with user and password in the URL, or several of a cluster, separated by commas; "
        "`make run` starts one when unset. "
        "With tls:// the connection is encrypted and the server must prove its name",
    )
    nats_creds: Path | None = Field(
        None, description="NATS credentials file (.creds) or nkey seed file, instead of a user in the URL"
    )
    nats_ca: Path | None = Field(
        None, description="PEM file of the authorities a tls:// server is checked with; the system's when unset"
    )
    nats_tls_first: bool = Field(
        True,
        description="With tls://, encrypt before the server says anything, so that nobody in between can talk us out "
        "of it. false for servers without handshake_first",
    )

    @field_validator("nats_creds")
    @classmethod
    def _identifies(cls, file: Path | None) -> Path | None:
        if file and not _is_creds(_text(file)) and not _is_seed(_text(file)):
            raise ValueError("is neither a NATS credentials file nor an nkey seed")
        return file

    @field_validator("nats_ca")
    @classmethod
    def _certifies(cls, file: Path | None) -> Path | None:
        if file:
            _text(file)
            try:
                ssl.create_default_context(cafile=file)
            except ssl.SSLError:
                raise ValueError("holds no certificate in PEM format") from None
        return file

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.nats_creds and "@" in self.nats_url.get_secret_value():
            raise ValueError("NATS_CREDS and a user in NATS_URL contradict each other: set one")
        if self.nats_ca and not self._encrypted:
            raise ValueError("NATS_CA has no effect without tls:// in NATS_URL")
        return self

    @property
    def nats_security(self) -> NatsSecurity:
        """Credentials and encryption, as the client takes them; user and password are in the URL."""
        encryption = NatsSecurity(
            ssl_context=ssl.create_default_context(cafile=self.nats_ca) if self._encrypted else None,
            tls_handshake_first=self._encrypted and self.nats_tls_first,
        )
        if self.nats_creds is None:
            return encryption
        identity = NatsCredentials if _is_creds(_text(self.nats_creds)) else NatsNKey
        return identity.from_file(
            self.nats_creds,
            ssl_context=encryption.ssl_context,
            tls_handshake_first=encryption.tls_handshake_first,
        )

    @property
    def _encrypted(self) -> bool:
        return urlsplit(self.nats_url.get_secret_value()).scheme == "tls"


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        return ""


def _is_creds(text: str) -> bool:
    return "BEGIN NATS USER JWT" in text and "BEGIN USER NKEY SEED" in text


def _is_seed(text: str) -> bool:
    try:
        return bytes(nkeys.from_seed(bytearray(text.strip(), "ascii")).public_key).startswith(b"U")
    except (nkeys.NkeysError, ValueError):
        return False


def settings_behind(error: Exception) -> dict[str, str]:
    """The settings that decide whether this error of a connection goes away, for its log line."""
    if isinstance(error, ssl.SSLError):
        return {"settings": "NATS_URL, NATS_CA"}
    return {"settings": "NATS_URL, NATS_CREDS"} if "authorization" in str(error).lower() else {}
