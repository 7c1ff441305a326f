"""The recorder, wired: events from the bus become rows, and a page shows them."""

import contextlib
from collections.abc import AsyncIterator

from chassis.bus import Bus
from chassis.process import Service
from chassis.recordings.download import new_client
from chassis.serving import Address, Listener
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.housekeeping import Housekeeping
from recorder.projection import Projection
from recorder.settings import RecorderSettings
from recorder.through_supabase import SupabaseDatabase
from recorder.web import web_app
from recorder.web.desk import make_desk
from recorder.web.pages.live import Live


def build(settings: RecorderSettings) -> Service:
    """The service as `chassis.process.run` takes it."""
    bus = Bus("recorder", settings.nats_url.get_secret_value(), security=settings.nats_security)
    database = way_to_the_database(settings)
    projection = Projection(bus, database)
    housekeeping = Housekeeping(database, settings.keep_days)
    client = new_client("recorder")
    desk = make_desk(settings, database, client)
    live = Live(desk.ask.latest_change)

    @contextlib.asynccontextmanager
    async def work() -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            stack.push_async_callback(client.aclose)
            stack.push_async_callback(bus.close)
            await stack.enter_async_context(housekeeping.running())
            await stack.enter_async_context(projection.running())
            yield

    return Service(
        name="recorder",
        settings=settings,
        ops=(settings.recorder_ops_port, "RECORDER_OPS_PORT"),
        work=work,
        checks={"bus": bus.consuming_problem, "database": database.problem},
        alive=bus.alive,
        listeners=(
            Listener(
                web_app(desk, live),
                Address(settings.recorder_host, settings.recorder_port, "RECORDER_PORT"),
            ),
        ),
        ending=live.close,
    )


def way_to_the_database(settings: RecorderSettings) -> Database:
    """Direct, or through Supabase: whichever is set (the settings make sure that exactly one is)."""
    if settings.database_url:
        return DirectDatabase(settings.database_url.get_secret_value())
    if settings.supabase_url and settings.supabase_service_role_key:
        return SupabaseDatabase(settings.supabase_url, settings.supabase_service_role_key.get_secret_value())
    raise AssertionError("the settings leave no way to the database")
