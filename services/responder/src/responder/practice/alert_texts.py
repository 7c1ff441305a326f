"""What people on call are texted: `[on_call.texts.LANGUAGE]`, in the practice's own language. English and Spanish are
built in; a section replaces what it names.

These texts go to staff, so they name a patient's number and nothing else of theirs: no health detail, none of their
words.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from responder import sms, templates
from responder.practice.values import Section, Text

_ALERT: Final = MappingProxyType({"patient": "+12125550123456", "by": "", "time": "12:00 a. m."})
"""Fields of texts about one alert, at their longest; `by` is how the patient said it."""
FIELDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "alert": _ALERT,
        "more": {},
        "confirmation": {"taken": "+12125550123456, +12125550123456 +99"},
        "taken": {**_ALERT, "name": "N" * 40},
        "unclear": {},
        "nothing_open": {},
    }
)
"""The texts, and the fields that each can have, with values as long as they get."""

NAME_SHOWN = 40
"""Characters of a person's name that fit a text."""


class AlertTexts(Section):
    """Templates of one language."""

    alert: Text
    """A patient may be in an emergency. With {patient} (their number), {by} (one of the three words below), {time}."""
    more: Text
    """There were too many alerts for a text about each."""
    confirmation: Text
    """The answer to ACK. With {taken}, the numbers of the patients."""
    taken: Text
    """For everybody else who was told. With {name}, {patient}, {by}, {time}."""
    unclear: Text
    """The answer to something else than ACK while an alert waits."""
    nothing_open: Text
    """The answer to ACK when no alert waits any more."""
    by_text: Annotated[str, Field(min_length=1, max_length=16)]
    by_voicemail: Annotated[str, Field(min_length=1, max_length=16)]
    by_call: Annotated[str, Field(min_length=1, max_length=16)]

    @model_validator(mode="after")
    def _texts_can_be_sent(self) -> Self:
        longest_by = max((self.by_text, self.by_voicemail, self.by_call), key=len)
        for name, fields in FIELDS.items():
            template: str = getattr(self, name)
            if problem := templates.problem(template, fields):
                raise ValueError(f"{name}: {problem}")
            filled = templates.fill(
                template, {field: longest_by if field == "by" else fields[field] for field in fields}
            )
            if problem := sms.problem(sms.as_sent(filled)):
                raise ValueError(f"{name}: {problem}")
        if "{patient}" not in self.alert or "ACK" not in self.alert:
            raise ValueError("alert: must name {patient}, whom to call, and ACK, which takes it")
        return self


ENGLISH = AlertTexts(
    alert="URGENT: a patient at {patient} may have an emergency ({by}, {time}). Open the page or call them. "
    "Reply ACK to take it.",
    more="URGENT: more alerts have come in than we text you about in an hour. Open the page and look at all of them.",
    confirmation="Thank you. You look after {taken}. Please call now; nobody else is told about it any more.",
    taken="{name} looks after the alert about {patient} ({by}, {time}). You need do nothing.",
    unclear="A patient is waiting. Reply ACK to take the alert; without it the next person is told.",
    nothing_open="Thank you. No alert is waiting for an answer: somebody else has taken it.",
    by_text="text",
    by_voicemail="voicemail",
    by_call="call",
)

SPANISH = AlertTexts(
    alert="URGENTE: el paciente del {patient} puede tener una emergencia ({by}, {time}). Abra la página o llámelo. "
    "Responda ACK si se encarga.",
    more="URGENTE: hay más avisos de los que le enviamos en una hora. Abra la página ahora y véalos todos.",
    confirmation="Gracias. Usted se encarga de {taken}. Llame ahora, por favor; no avisamos a nadie más.",
    taken="{name} se encarga del aviso sobre {patient} ({by}, {time}). No tiene que hacer nada.",
    unclear="Un paciente espera. Responda ACK si se encarga del aviso; si no, avisamos a la siguiente persona.",
    nothing_open="Gracias. Ningún aviso espera respuesta: otra persona ya se encarga.",
    by_text="mensaje",
    by_voicemail="buzón de voz",
    by_call="llamada",
)

BUILT_IN = {"en": ENGLISH, "es": SPANISH}
