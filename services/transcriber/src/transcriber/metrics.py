"""What the transcriber counts beside the metrics every service has."""

from prometheus_client import Counter

RECORDINGS = Counter(
    "frontdesk_recordings_total",
    "Recordings with a final outcome: completed, skipped, or the reason of the failure",
    ["provider", "outcome"],
)
AUDIO_SECONDS = Counter("frontdesk_transcribed_audio_seconds_total", "Length of the recordings transcribed")
PROCESSING_SECONDS = Counter("frontdesk_transcribing_seconds_total", "Time the engine took for them")
