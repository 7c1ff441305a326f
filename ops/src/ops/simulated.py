"""Accounts at providers that exist only in the simulator."""

import secrets


def credentials() -> dict[str, str]:
    """Settings of both invented accounts, with secrets that are new each time."""
    return {
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_PHONE_NUMBER": "+12125550100",
        "VOIPMS_USERNAME": "frontdesk@simulator.invalid",
        "VOIPMS_PASSWORD": secrets.token_hex(12),
        "VOIPMS_DID": "2125550199",
        "VOIPMS_ACCOUNT": "100000",
        "VOIPMS_WEBHOOK_TOKEN": secrets.token_hex(16),
    }
