"""Which channels of a recording are worth hearing, and whose they are. Pure."""

from dataclasses import dataclass

import numpy as np

from transcriber.audio import RATE, Audio

UNKNOWN = "unknown"
"""The speaker of a recording that mixes everybody."""

_SILENT = 1e-4
"""Root mean square of a channel in which there is nothing, full scale being 1."""
_SILENT_BESIDE = 0.003
"""Share of the louder channel below which the other holds only its cross-talk."""
_SAME = 0.98
"""Correlation above which two channels are one mono recording saved twice."""
_STEP = 60 * RATE


@dataclass(frozen=True)
class Voice:
    """A channel to be transcribed and the speaker it belongs to."""

    channel: int
    speaker: str


def voices(audio: Audio) -> tuple[Voice, ...]:
    """Two for a call with one side on each channel; one for a mix, a duplicated mix, or a call with one silent side."""
    if len(audio.pcm) == 1:
        return (Voice(0, UNKNOWN),)
    left, right, together = _energies(audio)
    loud, quiet = (0, right) if left >= right else (1, left)
    rms_loud, rms_quiet = np.sqrt(max(left, right)), np.sqrt(quiet)
    if rms_quiet < max(_SILENT, _SILENT_BESIDE * rms_loud):
        return (_side(loud),)
    if abs(together) > _SAME * rms_loud * rms_quiet:
        return (Voice(0, UNKNOWN),)
    return _side(0), _side(1)


def _side(channel: int) -> Voice:
    return Voice(channel, f"channel_{channel + 1}")


def _energies(audio: Audio) -> tuple[float, float, float]:
    """Mean square of each channel, and their mean product; a minute at a time, to stay small."""
    sums = np.zeros(3)
    for start in range(0, len(audio.pcm[0]), _STEP):
        left, right = (audio.samples(channel, start, start + _STEP) for channel in (0, 1))
        sums += [np.dot(left, left), np.dot(right, right), np.dot(left, right)]
    means = sums / len(audio.pcm[0])
    return float(means[0]), float(means[1]), float(means[2])
