"""What the recorder can be told."""

from typing import Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.settings import ServiceSettings


class RecorderSettings(ServiceSettings):
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
        None, description="Password of the page and its API, with any user name; without it neither is served"
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
