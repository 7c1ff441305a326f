"""What the recorder can be told."""

from typing import Self
from zoneinfo import ZoneInfo

import psycopg
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.client_address import Networks
from chassis.recordings.settings import RecordingSettings


class RecorderSettings(RecordingSettings):
    """Settings of the recorder."""

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address; `make run` starts a database when neither this nor SUPABASE_URL is set"
    )
    supabase_url: str | None = Field(
        None, pattern=r"^https?://[^/\s]+", description="Address of the Supabase project, instead of DATABASE_URL"
    )
    supabase_service_role_key: SecretStr | None = Field(None, description="Supabase's service role key or secret key")
    recorder_host: str = Field("127.0.0.1", description="Address the page and its API listen on")
    recorder_port: int = Field(3002, ge=0, le=65535, description="Port of the page and its API")
    recorder_ops_port: int = Field(9102, ge=0, le=65535, description="Port of health and metrics")
    dashboard_password: SecretStr | None = Field(
        None,
        description="Password of the page and its API, with any user name: itself, or its Argon2 hash "
        "(`$argon2id$…`). Without it only people added with `frontdesk user add` may sign in",
    )
    dashboard_session_hours: float = Field(
        12, gt=0, le=744, description="Hours after which everybody has to sign in to the page again"
    )
    dashboard_idle_minutes: float = Field(
        120, gt=0, le=44_640, description="Minutes without a request after which a session of the page ends"
    )
    practice_time_zone: ZoneInfo = Field(
        ZoneInfo("America/New_York"), description="Time zone of the practice: the page shows its days and hours"
    )
    trusted_proxies: Networks = Field(
        (), description="Addresses and CIDR ranges whose X-Forwarded-For is believed, comma separated"
    )

    retention_days_calls: int | None = Field(
        None, ge=1, le=36500, description="Days to keep calls with their recordings' transcripts; unset: for ever"
    )
    retention_days_messages: int | None = Field(
        None, ge=1, le=36500, description="Days to keep texts and their threads; unset: for ever"
    )
    retention_days_requests: int | None = Field(
        None,
        ge=1,
        le=36500,
        description="Days to keep alerts and requests for callbacks and appointments; unset: for ever",
    )
    retention_days_transcripts: int | None = Field(
        None, ge=1, le=36500, description="Days to keep what was said in recordings; unset: as long as their calls"
    )
    retention_days_audit: int | None = Field(
        None, ge=1, le=36500, description="Days to keep who looked at what; unset: for ever"
    )

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            try:
                conninfo_to_dict(url.get_secret_value())
            except psycopg.Error:  # its text repeats the address, with the password
                raise ValueError("is not a PostgreSQL address") from None
        return url

    @field_validator("dashboard_password")
    @classmethod
    def _is_a_password(cls, password: SecretStr | None) -> SecretStr | None:
        said = password.get_secret_value() if password else ""
        if said.startswith("$argon2"):
            try:
                extract_parameters(said)
            except InvalidHashError:  # its text repeats the hash
                raise ValueError("begins like an Argon2 hash and is none: was it cut off?") from None
        return password

    @property
    def keep_days(self) -> dict[str, int]:
        """For how many days a class of rows is kept, by its name in the database; others are kept for ever."""
        days = {
            "calls": self.retention_days_calls,
            "messages": self.retention_days_messages,
            "requests": self.retention_days_requests,
            "transcripts": self.retention_days_transcripts,
            "audit": self.retention_days_audit,
        }
        return {name: given for name, given in days.items() if given is not None}

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        supabase = {"SUPABASE_URL": self.supabase_url, "SUPABASE_SERVICE_ROLE_KEY": self.supabase_service_role_key}
        missing = [name for name, value in supabase.items() if not value]
        if self.database_url and len(missing) < len(supabase):
            raise ValueError(
                "DATABASE_URL and SUPABASE_URL/SUPABASE_SERVICE_ROLE_KEY contradict each other: set one way"
            )
        if not self.database_url and missing:
            either = "" if len(missing) == 1 else " (or DATABASE_URL)"
            raise ValueError(f"{' and '.join(missing)}{either} must be set: there is no way to the database")
        return self
