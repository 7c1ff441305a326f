"""Whisper through faster-whisper, set up for telephone calls. Only the worker imports this."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from transcriber.audio import RATE, Audio, Samples
from transcriber.blocks import quiet_cuts
from transcriber.languages import Guess, likeliest, settle
from transcriber.speakers import Voice
from transcriber.transcript import Transcript, Word, compose

_VAD = VadOptions(threshold=0.5, min_silence_duration_ms=500, speech_pad_ms=200)
"""Without voice activity detection Whisper hears words in silence, tones and hold music; the library's own 2000 ms of
silence lets line noise hide speech."""

_DETECTION_SAMPLES = 30 * RATE

_INVENTED_NO_SPEECH = 0.6
_INVENTED_LOG_PROBABILITY = -0.8
"""A segment that is likely not speech and unlikely as text was made up."""


class Whisper:
    """The loaded model: one core, 8-bit weights, which cost no accuracy and half the time."""

    def __init__(self, folder: Path) -> None:
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)

    def transcribe(self, audio: Audio, voices: tuple[Voice, ...]) -> Transcript:
        """What is said by each of `voices`, in order."""
        guesses = {voice: guess for voice in voices if (guess := self._guess_language(audio, voice))}
        words = [word for voice, language in settle(guesses).items() for word in self._words(audio, voice, language)]
        return compose(words, audio_seconds=audio.seconds, damaged=audio.damaged, truncated=audio.truncated)

    def _guess_language(self, audio: Audio, voice: Voice) -> Guess | None:
        """By the first half minute of speech; None when there is no speech at all."""
        for start, end in quiet_cuts(audio.pcm[voice.channel]):
            samples = audio.samples(voice.channel, start, end)
            if (speech := _speech(samples)) is not None:
                _, _, probabilities = self._model.detect_language(audio=speech[:_DETECTION_SAMPLES])
                return likeliest(probabilities)
        return None

    def _words(self, audio: Audio, voice: Voice, language: str) -> Iterator[Word]:
        for start, end in quiet_cuts(audio.pcm[voice.channel]):
            for word in self._words_of_block(audio.samples(voice.channel, start, end), language):
                yield Word(
                    start=float(word.start) + start / RATE,
                    end=float(word.end) + start / RATE,
                    text=word.word,
                    probability=float(word.probability),
                    speaker=voice.speaker,
                    language=language,
                )

    def _words_of_block(self, samples: Samples, language: str) -> Iterator[Any]:
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=5,
            vad_filter=True,
            vad_parameters=_VAD,
            condition_on_previous_text=False,  # one invented sentence would colour all that follow
            word_timestamps=True,
        )
        for segment in segments:
            if segment.no_speech_prob > _INVENTED_NO_SPEECH and segment.avg_logprob < _INVENTED_LOG_PROBABILITY:
                continue
            yield from segment.words or ()


def _speech(samples: Samples) -> Samples | None:
    spoken = get_speech_timestamps(samples, _VAD)
    return np.concatenate([samples[part["start"] : part["end"]] for part in spoken]) if spoken else None
