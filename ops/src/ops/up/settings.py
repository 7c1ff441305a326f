"""Settings of `frontdesk up` itself."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class UpSettings(BaseSettings):
    """What only the one-machine command reads."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Field(Path("var"), description="Where everything of this machine is kept")
    simulator_port: int = Field(
        0, description="Port of the simulator, which runs when no provider credentials are set; 0 picks a free one"
    )
