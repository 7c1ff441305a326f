"""Words and numbers that must never be written down, and every way in which they might be."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Canary:
    """Something secret or private, by what it is."""

    what: str
    value: str

    def forms(self) -> set[str]:
        """How it could look in a log, apart from itself: encoded once, as URLs, JSON, headers and dumps do."""
        raw = self.value.encode()
        shifted = (base64.b64encode(b"x" * shift + raw).decode() for shift in range(3))
        inner = {coded[4:-4] for coded in shifted}  # what no neighbour can change
        return {
            self.value,
            quote(self.value, safe=""),
            quote_plus(self.value),
            json.dumps(self.value)[1:-1],
            raw.hex(),
            *inner,
        }


@dataclass(frozen=True)
class NumberCanary(Canary):
    """A North American number; its last four digits may be shown."""

    def pattern(self) -> re.Pattern[str]:
        """The ten digits, however they are separated."""
        digits = self.value[-10:]
        return re.compile(rf"{digits[:3]}\D{{0,3}}{digits[3:6]}\D{{0,3}}{digits[6:]}")


def found(canaries: Iterable[Canary], text: str) -> list[str]:
    """Which canaries `text` holds, with the lines; empty is what is wanted."""
    leaks = []
    for canary in canaries:
        patterns = [re.compile(re.escape(form), re.IGNORECASE) for form in canary.forms()]
        if isinstance(canary, NumberCanary):
            patterns.append(canary.pattern())
        for pattern in patterns:
            match = pattern.search(text)
            if match:
                start = text.rfind("\n", 0, match.start()) + 1
                leaks.append(f"{canary.what}: {text[start : start + 600].splitlines()[0]}")
                break
    return leaks


PATIENT = NumberCanary("number", "+13475550178")
OTHER_PATIENT = NumberCanary("another number", "+16175550147")
NAME = Canary("name", "Wilhelmina Quackenbush")
TEXT = Canary("text", "my molar feels zzyzx since Tuesday é")
FIELD = Canary("field name", "pericoronitis_left")
PATH = Canary("path", "gingivectomy-path")
HEADER = Canary("header", "xylostomy-agent/7.1")
MEDIA = Canary("media URL", "https://api.twilio.com/Media/MEqwertzcanary")
REASON = Canary("provider's words", "Recipient Wilhelmine refuses bruxism")
TWILIO_TOKEN = Canary("Twilio token", "tok-4c1d7e0b9a86twilio")
VOIPMS_TOKEN = Canary("VoIP.ms token", "tok-77ab33voipmswebhook")
VOIPMS_PASSWORD = Canary("VoIP.ms password", "pw-voipms-13579api")
PAGE_PASSWORD = Canary("page's password", "pw-dashboard-24680")
GUESS = Canary("guessed token", "guessed-0123-secret")
SPOKEN = Canary("spoken words", "crown came off")

CANARIES = (
    *(PATIENT, OTHER_PATIENT, NAME, TEXT, FIELD, PATH, HEADER, MEDIA, REASON),
    *(TWILIO_TOKEN, VOIPMS_TOKEN, VOIPMS_PASSWORD, PAGE_PASSWORD, GUESS, SPOKEN),
)
