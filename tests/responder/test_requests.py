"""What a text asks of the practice's people becomes an event: an appointment, a call."""

import pytest

from contracts.sms import SmsReceived
from contracts.staff import AlertRaised, AppointmentRequested, CallbackRequested
from responder.alerts.acks import takes_it
from responder.requests.wishes import wants_a_call
from support.desk import desk_on
from support.events import NOON, text
from support.responder import Office


async def asked(office: Office, *texts: SmsReceived) -> list[tuple[str, str]]:
    """The requests that follow from these texts, each once as on the page."""
    desk = desk_on(office.operator, {}, now=lambda: NOON)
    for received in texts:
        await desk.responder.handle(received)
    found = {event.id: event for event in await office.published(AppointmentRequested, CallbackRequested)}.values()
    return [(type(event).__name__, event.data.origin) for event in found]


async def test_a_wish_for_an_appointment_reaches_staff_once_in_the_patients_words(office: Office) -> None:
    wish = text("Can I get a cleaning next Tuesday morning?", sid="SM1")
    assert await asked(office, wish, wish) == [("AppointmentRequested", "SM1")]
    (event, *_) = await office.published(AppointmentRequested)
    assert (event.data.wish, event.data.number) == ("Can I get a cleaning next Tuesday morning?", "+12125550123")


async def test_a_wish_for_a_call_reaches_staff_beside_what_else_is_asked(office: Office) -> None:
    texts = [text("Please call me back", sid="SM1"), text("Please call me to book an appointment", sid="SM2")]
    assert await asked(office, *texts) == [
        ("CallbackRequested", "SM1"),
        ("AppointmentRequested", "SM2"),
        ("CallbackRequested", "SM2"),
    ]


async def test_somebody_who_opted_out_can_still_ask(office: Office) -> None:
    texts = [text("STOP", sid="SM1"), text("I need to book an appointment", sid="SM2")]
    assert await asked(office, *texts) == [("AppointmentRequested", "SM2")]


async def test_an_emergency_is_an_alert_and_no_request(office: Office) -> None:
    assert await asked(office, text("Call me, my face is swollen and I can't stop the bleeding!", sid="SM1")) == []
    assert len(await office.published(AlertRaised)) == 1


@pytest.mark.parametrize("sender", ["72345", "+12125550100"])
async def test_machines_and_our_own_numbers_ask_for_nothing(office: Office, sender: str) -> None:
    assert await asked(office, text("Call me to book an appointment", sid="SM1", sender=sender)) == []


@pytest.mark.parametrize(
    "message",
    [
        "Please call me back",
        "can you give me a call when you get a chance",
        "I missed your call, please call me",
        "dont text, call me",
        "need a callback about my bill",
        "can I get a call back",
        "My crown fell off. Call me.",
        "pls return my call",
        "llámeme por favor",
        "me pueden llamar?",
        "quiero que me llamen",
        "No me escriban, llámenme",
        "regresen mi llamada porfa",
        "call me cuando puedan",
    ],
)
def test_who_wants_a_call_is_heard(message: str) -> None:
    assert wants_a_call(message)


@pytest.mark.parametrize(
    "message",
    [
        "don't call me",
        "I'll call you tomorrow",
        "did you call me?",
        "who called me",
        "please stop calling me",
        "should I call you or text?",
        "why do you keep calling me",
        "thanks for calling me back",
        "I was told to call back",
        "no me llamen",
        "yo los llamo mañana",
        "les regreso la llamada",
        "me llamo Maria, quiero una cita",
        "gracias por llamarme",
        "What are your hours?",
    ],
)
def test_who_wants_none_is_not_called(message: str) -> None:
    assert not wants_a_call(message)


@pytest.mark.parametrize(
    "message",
    [
        "ACK",
        "ack.",
        " Ack! ",
        "OK",
        "ok thanks",
        "Okay",
        "I'll take it",
        "on it",
        "Got it",
        "sí",
        "yo la tomo",
        "me encargo",
        "👍",
    ],
)
def test_an_answer_that_takes_an_alert(message: str) -> None:
    assert takes_it(message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "?",
        "no",
        "not ok",
        "who is it?",
        "ok but I'm driving, ask Kim",
        "STOP",
        "can't",
        "no puedo",
        "👎",
        "Liked “URGENT: …”",
    ],
)
def test_an_answer_that_does_not(message: str) -> None:
    assert not takes_it(message)
