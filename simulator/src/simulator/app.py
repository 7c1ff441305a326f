"""The simulator, wired: two providers over one memory, and the control API that works them."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from simulator import ids
from simulator.addresses import Addresses
from simulator.background import Background
from simulator.connections import Connections
from simulator.control.performing import Stage, TwilioSide, VoipMsSide
from simulator.control.routes import Control
from simulator.delivery import Courier
from simulator.exchange import Exchange
from simulator.faults import Faults
from simulator.library import Library
from simulator.memory import Memory
from simulator.settings import Settings
from simulator.twilio.account import Account
from simulator.twilio.messages import Messages
from simulator.twilio.recordings import Recordings
from simulator.twilio.rest import TwilioRest
from simulator.voipms import rest as voipms_rest
from simulator.voipms.methods import Methods
from simulator.voipms.records import Records
from simulator.voipms.texts import Texts
from simulator.voipms.webhooks import VoipMsWebhooks


def build(settings: Settings, url: str, connections: Connections) -> Starlette:
    """The application that is served at `url`."""
    token, password = settings.voipms_webhook_token.get_secret_value(), settings.voipms_password.get_secret_value()
    addresses = Addresses(settings.webhook_base_url, settings.gateway)
    memory, faults, library, background = Memory(), Faults(), Library(), Background()
    courier = Courier(addresses, memory, secret=token)
    exchange = Exchange(memory, faults, connections.cut)

    account = Account(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_phone_number,
        addresses,
        url,
    )
    messages, recordings = Messages(account, memory, courier, background), Recordings(account)
    twilio = TwilioSide(account, messages, recordings)

    counters = {"sms": ids.integers(), "mms": ids.integers(), "call": ids.integers()}
    did, voipms_account, records = settings.voipms_did, settings.voipms_account, Records()
    webhooks = VoipMsWebhooks(addresses, token)
    texts = Texts(did, webhooks, memory, courier, counters)
    methods = Methods(did, voipms_account, memory, records, counters)
    voipms = VoipMsSide(did, voipms_account, texts, records, webhooks, lambda: str(next(counters["call"])))

    about = {
        "twilio_api_url": url,
        "voipms_api_url": url + voipms_rest.PATH,
        "webhook_base_url": settings.webhook_base_url,
        "gateway_url": settings.gateway,
        "twilio_phone_number": settings.twilio_phone_number,
        "voipms_did": did,
    }
    control = Control(Stage(twilio, voipms, library), courier, memory, faults, background, about)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await background.close()
        await courier.close()

    return Starlette(
        lifespan=lifespan,
        routes=[
            *TwilioRest(account, messages, recordings, exchange).routes(),
            *voipms_rest.VoipMsRest(settings.voipms_username, password, methods, exchange).routes(),
            *control.routes(),
        ],
    )
