"""The providers there are. A new one is a package beside these and one line here."""

from collections.abc import Callable

from gateway.providers import twilio, voipms
from gateway.providers.base import Provider
from gateway.settings import GatewaySettings

Provide = Callable[[GatewaySettings], Provider]

PROVIDERS: tuple[Provide, ...] = (
    twilio.provider,
    voipms.provider,
)
