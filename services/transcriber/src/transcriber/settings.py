"""What the transcriber can be told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, HttpUrl, SecretStr

from chassis.settings import ServiceSettings
from transcriber.model import missing_files


def _model_folder(folder: Path) -> Path:
    if missing := missing_files(folder):
        raise ValueError(f"not a folder with a CTranslate2 Whisper model: {', '.join(missing)} missing")
    return folder


class TranscriberSettings(ServiceSettings):
    """Environment of the transcriber."""

    enable_transcription: bool = Field(True, description="`false` marks every recording as skipped and fetches none")
    transcription_engine: Literal["local"] = Field("local", description="`local` runs Whisper on this machine")
    whisper_model: Annotated[Path, AfterValidator(_model_folder)] | None = Field(
        None, description="Folder with a CTranslate2 Whisper model; the packaged multilingual base model when unset"
    )
    data_dir: Path = Field(Path("var"), description="Where state is kept; the speech model under `models/`")
    twilio_account_sid: str = Field("", description="Twilio account, user name for fetching recordings")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio auth token")
    twilio_api_url: HttpUrl = Field(
        HttpUrl("https://api.twilio.com"), description="Twilio's REST API; recordings are fetched from this host only"
    )
    voipms_username: str = Field("", description="VoIP.ms API user (the account's e-mail address)")
    voipms_password: SecretStr = Field(SecretStr(""), description="VoIP.ms API password")
    voipms_account: str = Field(
        "", description="VoIP.ms account or sub-account whose calls are recorded; VOIPMS_USERNAME when unset"
    )
    voipms_api_url: HttpUrl = Field(HttpUrl("https://voip.ms/api/v1/rest.php"), description="VoIP.ms' REST API")
    transcriber_ops_port: int = Field(9104, ge=0, le=65535, description="Port of health and metrics")
