"""What a service must be told to fetch recordings."""

from pydantic import Field, HttpUrl, SecretStr

from chassis.settings import ServiceSettings


class RecordingSettings(ServiceSettings):
    """The providers' REST APIs, and our credentials there."""

    twilio_account_sid: str = Field(
        "", description="Twilio account; with the auth token it sends replies and fetches recordings"
    )
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio auth token")
    twilio_api_url: HttpUrl = Field(
        HttpUrl("https://api.twilio.com"), description="Twilio's REST API; recordings are fetched from this host only"
    )
    voipms_username: str = Field(
        "", description="VoIP.ms API user (the account's e-mail address); needs VOIPMS_PASSWORD"
    )
    voipms_password: SecretStr = Field(SecretStr(""), description="VoIP.ms API password, not the portal's")
    voipms_account: str = Field(
        "", description="VoIP.ms account or sub-account whose calls are recorded; VOIPMS_USERNAME when unset"
    )
    voipms_api_url: HttpUrl = Field(HttpUrl("https://voip.ms/api/v1/rest.php"), description="VoIP.ms' REST API")
