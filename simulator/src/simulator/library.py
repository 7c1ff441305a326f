"""Recordings by name: those that come with the simulator and those that were uploaded."""

from dataclasses import dataclass, replace
from importlib.resources import files

from simulator.audio import Wav, silent_mp3, silent_wav

_SILENCE_SECONDS = 5
_LENGTH_OF_OTHERS = 1.0


class UnknownRecording(LookupError):
    """No recording of that name; the message lists the names there are."""


@dataclass(frozen=True)
class Sound:
    """One recording, in the forms it is there in. `other` is neither WAV nor MP3: a damaged file, a web page."""

    wav: bytes | None = None
    mp3: bytes | None = None
    other: bytes | None = None
    declared_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """Length: as declared at the upload, else as its WAV says, else a second."""
        wav = Wav.read(self.wav) if self.wav else None
        return self.declared_seconds or (wav.seconds if wav else _LENGTH_OF_OTHERS)

    @property
    def channels(self) -> int:
        """Channels of its WAV; one when unknown."""
        wav = Wav.read(self.wav) if self.wav else None
        return wav.channels if wav else 1

    def best(self, form: str) -> tuple[bytes, str]:
        """Content and media type: in `form` (`wav` or `mp3`) when it is there, else in what is there."""
        forms = {"wav": (self.wav, "audio/x-wav"), "mp3": (self.mp3, "audio/mpeg")}
        for content, media_type in (forms.pop(form), *forms.values()):
            if content is not None:
                return content, media_type
        return self.other or b"", "audio/mpeg" if form == "mp3" else "audio/x-wav"


class Library:
    """What callers can say, by name."""

    def __init__(self) -> None:
        self._sounds: dict[str, Sound] = {}
        self.forget()

    def forget(self) -> None:
        """Back to the recordings that come with the simulator."""
        folder = files("simulator") / "recordings"
        self._sounds = {
            "voicemail": Sound((folder / "voicemail.wav").read_bytes(), (folder / "voicemail.mp3").read_bytes()),
            "silence": Sound(silent_wav(_SILENCE_SECONDS), silent_mp3(_SILENCE_SECONDS)),
        }

    def names(self) -> list[str]:
        """Every name there is."""
        return sorted(self._sounds)

    def get(self, name: str) -> Sound:
        """The recording of that name. Raises `UnknownRecording`."""
        if name not in self._sounds:
            raise UnknownRecording(f"no recording named {name!r}; there are: {', '.join(self.names())}")
        return self._sounds[name]

    def add(self, name: str, content: bytes, seconds: float | None = None) -> Sound:
        """Keep an upload. A WAV and an MP3 under one name are two forms of one recording."""
        known = self._sounds.get(name, Sound())
        known = replace(known, declared_seconds=seconds or known.declared_seconds)
        if content[:4] == b"RIFF":
            sound = replace(known, wav=content, other=None)
        elif content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] >= b"\xe0"):
            sound = replace(known, mp3=content, other=None)
        else:
            sound = Sound(other=content, declared_seconds=seconds)
        self._sounds[name] = sound
        return sound
