"""Texts that no person wrote are recognised, and what patients write is not taken for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.silence.machines import Machine, machine

WRITTEN_BY_MACHINES = {
    Machine.REACTION: [
        "Liked “Bright Harbor Dental hours: Mon-Thu 8am-5pm”",
        'Loved "see you"',
        "Laughed at an image",
        "Emphasized “call 911 now”",
        "Removed a heart from “hello”",
        "👍 to “ Thanks for texting ”",
        "Le gustó “Gracias por escribir”",
        "Reaccionó con 👍 a “hola”",
    ],
    Machine.DRIVING: [
        "I’m driving with Driving Focus turned on. I’ll see your message when I get where I’m going.",
        "(I’m not receiving notifications. If this is urgent, reply “urgent” to send a notification through.)",
        "I'm driving right now - I'll get back to you later.",
        "Estoy conduciendo y no puedo contestar",
        "Estoy manejando, te llamo luego",
    ],
    Machine.OUT_OF_OFFICE: [
        "Automatic reply: I am away until Monday. For urgent matters contact my assistant.",
        "Out of office until 12/2",
        "I am out of the office with limited access to messages and will respond when I return.",
        "Respuesta automática: estaré fuera de la oficina hasta el lunes",
    ],
    Machine.DELIVERY_NOTICE: [
        "Free Msg: Unable to send message - Message Blocking is active.",
        "Your message to 2125550100 could not be delivered.",
        "Undeliverable: Re: your text",
        "This number does not accept text messages.",
        "Su mensaje no pudo ser entregado",
        "Este número no recibe mensajes de texto",
    ],
    Machine.VERIFICATION_CODE: [
        "Your verification code is 482913. Do not share it with anyone.",
        "G-123456 is your Google verification code.",
        "Su código de verificación es 4821",
    ],
    Machine.BULK: [
        "Your prescription is ready for pickup. Store closes at 9 PM. Reply STOP to opt out.",
        "SALE today! Txt STOP 2 end. Msg&data rates may apply",
        "Promoción de hoy. Responda ALTO para cancelar",
    ],
    Machine.AUTO_RESPONDER: [
        "Thank you for contacting Harbor Pizza! We will get back to you shortly.",
        "This is an automated message, please do not reply to this text.",
        "This inbox is not monitored.",
        "Gracias por comunicarse con nosotros. En breve le responderemos.",
    ],
}

WRITTEN_BY_PATIENTS = [
    "I'm driving to your office now, running 10 minutes late",
    "I'm driving, can't text. what's the address?",
    "did you get my message? I think it wasn't delivered",
    "please stop texting me",
    "STOP",
    "stop by tomorrow at 5 to end this tooth pain?",
    "Thanks for your message, can you call me back?",
    "thank you for calling me back, see you at 5",
    "I'm out of office today so can I come in at 5?",
    "my insurance code is 48291, do you take it?",
    "I liked the hygienist, can I book her again",
    "the office is closed, right? this number does answer texts?",
    "are you out of the office on Friday",
    "Gracias por su mensaje, ¿me puede llamar?",
    "no puedo hablar ahora, ¿a qué hora abren?",
    "¿puedo responder a este mensaje con una foto?",
    "do I need a code to get in? it asks for 4 digits",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in WRITTEN_BY_MACHINES.items() for text in texts]
)
def test_machines_are_recognised_however_it_is_written(kind: Machine, text: str) -> None:
    assert machine(text) is kind
    assert machine(f"  {text.upper()}\n") is kind


@pytest.mark.parametrize("text", WRITTEN_BY_PATIENTS)
def test_patients_are_not_taken_for_machines(text: str) -> None:
    assert machine(text) is None


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert machine(text) in {None, *Machine}
