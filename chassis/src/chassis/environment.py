"""Every environment variable of the system, so that a misspelt one stops a service instead of being ignored."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

KNOWN = frozenset(
    {
        "DASHBOARD_IDLE_MINUTES",
        "DASHBOARD_PASSWORD",
        "DASHBOARD_SESSION_HOURS",
        "DATABASE_URL",
        "DATA_DIR",
        "ENABLE_TRANSCRIPTION",
        "GATEWAY_HOST",
        "GATEWAY_OPS_PORT",
        "GATEWAY_OPS_URL",
        "GATEWAY_PORT",
        "GATEWAY_URL",
        "GATEWAY_WORKERS",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "NATS_CA",
        "NATS_CREDS",
        "NATS_REPLICAS",
        "NATS_TLS_FIRST",
        "NATS_URL",
        "OPS_HOST",
        "PRACTICE_FILE",
        "RATE_LIMIT_FAILURES",
        "RATE_LIMIT_STORAGE_URL",
        "RATE_LIMIT_VERIFIED",
        "PRACTICE_TIME_ZONE",
        "RECORDER_DATABASE_PASSWORD",
        "RECORDER_HOST",
        "RECORDER_OPS_PORT",
        "RECORDER_OPS_URL",
        "RECORDER_PORT",
        "RECORDER_URL",
        "RESPONDER_OPS_PORT",
        "RESPONDER_OPS_URL",
        "SEND_FALLBACK",
        "SEND_LISTED_WITHIN",
        "RETENTION_DAYS_AUDIT",
        "RETENTION_DAYS_CALLS",
        "RETENTION_DAYS_MESSAGES",
        "RETENTION_DAYS_REQUESTS",
        "RETENTION_DAYS_TRANSCRIPTS",
        "SECRETS_DIR",
        "SIMULATOR_BASE_URL",
        "SIMULATOR_HOST",
        "SIMULATOR_PORT",
        "SIMULATOR_URL",
        "SPOOL_DIR",
        "SPOOL_MAX_MB",
        "SUPABASE_SERVICE_ROLE_KEY",
        "SUPABASE_URL",
        "TRANSCRIBER_OPS_PORT",
        "TRANSCRIBER_OPS_URL",
        "TRANSCRIPTION_API_KEY",
        "TRANSCRIPTION_API_URL",
        "TRANSCRIPTION_ENGINE",
        "TRUSTED_PROXIES",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_API_URL",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_NEXT",
        "TWILIO_PHONE_NUMBER",
        "TWILIO_SHARED_KEYS",
        "TWILIO_SUBACCOUNT_TOKENS",
        "TWILIO_TEXTS_PER_SECOND",
        "UNDERSTANDING_API_KEY",
        "UNDERSTANDING_API_URL",
        "UNDERSTANDING_MODEL",
        "VOIPMS_ACCOUNT",
        "VOIPMS_ADDRESS_CHECK",
        "VOIPMS_ALLOWED_IPS",
        "VOIPMS_API_URL",
        "VOIPMS_DID",
        "VOIPMS_PASSWORD",
        "VOIPMS_TEXTS_PER_SECOND",
        "VOIPMS_TIMEZONE",
        "VOIPMS_USERNAME",
        "VOIPMS_WEBHOOK_TOKEN",
        "WEBHOOK_BASE_URL",
        "WEBHOOK_LOG_FILE",
        "WHISPER_MODEL",
    }
)

COMMANDS = frozenset({"NATS_REPLICAS", "RECORDER_DATABASE_PASSWORD"})
"""Read by the `frontdesk` command alone."""

RESERVED = frozenset({"TRANSCRIPTION_API_KEY", "TRANSCRIPTION_API_URL"})
"""Names promised to operators for what is not built yet: accepted, without effect."""

ADDRESSES = frozenset(
    {
        "GATEWAY_OPS_URL",
        "GATEWAY_URL",
        "RECORDER_OPS_URL",
        "RECORDER_URL",
        "RESPONDER_OPS_URL",
        "SIMULATOR_URL",
        "TRANSCRIBER_OPS_URL",
    }
)
"""Written to frontdesk.env for others to read; a shell that has read that file may still start a service."""

_OURS = (
    "GATEWAY_",
    "RATE_LIMIT_",
    "RECORDER_",
    "RESPONDER_",
    "SEND_",
    "RETENTION_",
    "SIMULATOR_",
    "SPOOL_",
    "SUPABASE_",
    "TRANSCRIBER_",
    "TRANSCRIPTION_",
    "TWILIO_",
    "UNDERSTANDING_",
    "VOIPMS_",
    "WEBHOOK_",
)
"""A variable that starts like this is meant for us."""

_SERVICE_LINK = re.compile(r"_(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(TCP|UDP)\w*)$")
"""Kubernetes sets these for every service of a namespace; nobody misspelt them."""


def misspelt(names: Iterable[str], secrets: Iterable[str] = ()) -> list[str]:
    """One sentence for every name that looks like ours and is not; of the `secrets` in a folder of ours all must be."""
    variables = [
        unknown(name)
        for name in sorted(names)
        if name.upper().startswith(_OURS) and name.upper() not in KNOWN and not _SERVICE_LINK.search(name.upper())
    ]
    return variables + [f"SECRETS_DIR: {unknown(name)}" for name in sorted(secrets) if name.upper() not in KNOWN]


def unknown(name: str) -> str:
    """What to tell somebody who set `name`."""
    near = get_close_matches(name.upper(), KNOWN, n=1, cutoff=0.75)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "")
