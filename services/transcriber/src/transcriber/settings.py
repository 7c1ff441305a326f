"""What the transcriber can be told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chassis.recordings.settings import RecordingSettings
from transcriber.model import missing_files


def _model_folder(folder: Path) -> Path:
    if missing := missing_files(folder):
        raise ValueError(f"not a folder with a CTranslate2 Whisper model: {', '.join(missing)} missing")
    return folder


class TranscriberSettings(RecordingSettings):
    """Environment of the transcriber."""

    enable_transcription: bool = Field(True, description="`false` marks every recording as skipped and fetches none")
    transcription_engine: Literal["local"] = Field("local", description="`local` runs Whisper on this machine")
    whisper_model: Annotated[Path, AfterValidator(_model_folder)] | None = Field(
        None, description="Folder with a CTranslate2 Whisper model; the packaged multilingual base model when unset"
    )
    data_dir: Path = Field(Path("var"), description="Where state is kept; the speech model under `models/`")
    transcriber_ops_port: int = Field(9104, ge=0, le=65535, description="Port of health and metrics")
