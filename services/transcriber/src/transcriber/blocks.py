"""Cutting long recordings where nobody speaks, so that memory does not grow with their length. Pure."""

import numpy as np

from transcriber.audio import RATE, Pcm, Samples

BLOCK_SECONDS = 300
SEARCH_SECONDS = 15
"""How far from the end of a block a quiet place is looked for, both ways."""

_FRAME = RATE // 50
_WINDOW = 20
"""Frames of 20 ms in the stretch that is to be quiet."""


def quiet_cuts(channel: Pcm) -> list[tuple[int, int]]:
    """Start and end, in samples, of consecutive blocks of about five minutes that cover the whole channel."""
    cuts = [0]
    while len(channel) - cuts[-1] > (BLOCK_SECONDS + SEARCH_SECONDS) * RATE:
        around = cuts[-1] + (BLOCK_SECONDS - SEARCH_SECONDS) * RATE
        nearby = channel[around : around + 2 * SEARCH_SECONDS * RATE].astype(np.float32)
        cuts.append(around + _quietest(nearby))
    return list(zip(cuts, [*cuts[1:], len(channel)], strict=True))


def _quietest(samples: Samples) -> int:
    """The middle of the quietest 0.4 s."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    energies = np.convolve((frames**2).mean(axis=1), np.ones(_WINDOW), "valid")
    return (int(energies.argmin()) + _WINDOW // 2) * _FRAME
