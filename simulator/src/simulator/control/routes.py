"""The control API: what tests, demos and people use to make the providers do something, and to see what came of it.

It asks nobody for a password, because it is a test tool: it listens on loopback, or in a network made for a test.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.background import Background
from simulator.control import steps
from simulator.control.performing import Stage
from simulator.delivery import CollectingPost, Courier, Delivery, DirectPost
from simulator.faults import Fault, Faults
from simulator.library import UnknownRecording
from simulator.logs import log
from simulator.memory import Memory
from simulator.twilio.messages import Outcome

Endpoint = Callable[[Request], Awaitable[Response]]
Model = TypeVar("Model", bound=BaseModel)
_STEPS: dict[str, type[BaseModel]] = {
    "/twilio/texts": steps.TwilioText,
    "/twilio/calls": steps.TwilioCall,
    "/twilio/recordings": steps.TwilioRecording,
    "/voipms/texts": steps.VoipMsText,
    "/voipms/cdrs": steps.VoipMsCdr,
    "/voipms/recordings": steps.VoipMsRecording,
    "/webhooks/raw": steps.RawWebhook,
}
_STEP: TypeAdapter[steps.Step] = TypeAdapter(steps.Step)


class Control:
    """Handlers by route."""

    def __init__(
        self,
        stage: Stage,
        courier: Courier,
        memory: Memory,
        faults: Faults,
        background: Background,
        about: dict[str, Any],
    ) -> None:
        self._stage = stage
        self._courier = courier
        self._memory = memory
        self._faults = faults
        self._background = background
        self._about = about

    def routes(self) -> list[Route]:
        """For the application."""
        single = [_post(path, self._single(model)) for path, model in _STEPS.items()]
        return [
            *single,
            _post("/batch", self._batch),
            _post("/twilio/outcomes", self._outcome),
            _post("/voipms/repeats", self._repeats),
            _post("/recordings", self._upload),
            _post("/faults", self._fault),
            _post("/lists", self._lists),
            _post("/forget", self._forget),
            _get("/health", self._health),
            _get("/texts", self._texts),
            _get("/webhooks", self._webhooks),
            _get("/rest", self._rest),
            _get("/recordings", self._recordings),
            _get("/faults", self._coming_faults),
        ]

    def _single(self, model: type[BaseModel]) -> Endpoint:
        kind = model.model_fields["do"].default

        async def endpoint(request: Request) -> Response:
            alone, body = steps.Alone.split(await _json(request))
            step = _STEP.validate_python({**body, "do": kind} if isinstance(body, dict) else body)
            return await self._perform([step], alone.delivery)

        return endpoint

    async def _batch(self, request: Request) -> Response:
        batch = await _read(request, steps.Batch)
        return await self._perform(batch.steps, batch.plan())

    async def _perform(self, wanted: Iterable[steps.Step], plan: Delivery | None) -> Response:
        """Without a plan webhooks go out as things happen; with one, after all of it."""
        post = DirectPost(self._courier) if plan is None else CollectingPost(self._courier)
        done = [{"do": step.do, **await self._stage.perform(step, post)} for step in wanted]
        if isinstance(post, CollectingPost) and plan is not None:
            await post.deliver(plan)
        return _answer({"steps": done, "attempts": post.attempts} | (done[0] if len(done) == 1 else {}))

    async def _outcome(self, request: Request) -> Response:
        outcome = await _read(request, Outcome)
        self._stage.twilio.messages.expect(outcome)
        return _answer(outcome)

    async def _repeats(self, _: Request) -> Response:
        attempts = await self._stage.voipms.texts.repeat()
        return _answer({"attempts": attempts, "waiting": len(self._stage.voipms.texts.waiting)})

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        name, file, seconds = form.get("name"), form.get("file"), form.get("seconds")
        if not isinstance(name, str) or not name:
            return _problem("name", "the recording needs a name")
        if not isinstance(file, UploadFile):
            return _problem("file", "the recording's bytes are missing")
        try:
            length = float(seconds) if isinstance(seconds, str) else None
        except ValueError:
            return _problem("seconds", "must be a number")
        sound = self._stage.library.add(name, await file.read(), length)
        log.info("recording uploaded seconds=%.1f", sound.seconds)
        return _answer({"name": name, "seconds": sound.seconds, "channels": sound.channels})

    async def _fault(self, request: Request) -> Response:
        fault = await _read(request, Fault)
        self._faults.add(fault)
        log.info("fault target=%s kind=%s times=%s", fault.target, fault.kind, fault.times)
        return _answer(fault)

    async def _lists(self, request: Request) -> Response:
        lists = await _read(request, steps.Lists)
        self._memory.listed_after = timedelta(seconds=lists.listed_after_seconds)
        return _answer(lists)

    async def _forget(self, _: Request) -> Response:
        self._memory.forget()
        self._faults.forget()
        self._stage.library.forget()
        self._stage.twilio.messages.forget()
        self._stage.twilio.recordings.forget()
        self._stage.voipms.records.forget()
        self._stage.voipms.texts.waiting.clear()
        log.info("forgot everything")
        return _answer({"forgotten": True})

    async def _health(self, _: Request) -> Response:
        waiting = len(self._stage.voipms.texts.waiting)
        return _answer({"ready": True, "pending": self._background.pending, "waiting_for_ok": waiting, **self._about})

    async def _texts(self, request: Request) -> Response:
        """What our services sent; with `by=provider` or `by=patient` what they did not."""
        query = {"by": "us", **request.query_params}
        return _answer([text for text in self._memory.texts.values() if _fits(text, query)])

    async def _webhooks(self, request: Request) -> Response:
        return _answer([attempt for attempt in self._memory.attempts if _fits(attempt, dict(request.query_params))])

    async def _rest(self, request: Request) -> Response:
        return _answer([call for call in self._memory.rest if _fits(call, dict(request.query_params))])

    async def _recordings(self, _: Request) -> Response:
        return _answer(self._stage.library.names())

    async def _coming_faults(self, _: Request) -> Response:
        return _answer([{**fault.model_dump(), "times": left} for fault, left in self._faults.coming()])


def _post(path: str, endpoint: Endpoint) -> Route:
    return Route(f"/simulator{path}", _explained(endpoint), methods=["POST"])


def _get(path: str, endpoint: Endpoint) -> Route:
    return Route(f"/simulator{path}", _explained(endpoint), methods=["GET"])


def _explained(endpoint: Endpoint) -> Endpoint:
    """A mistake in a body is a 422 that says which field and why."""

    async def explained(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False, include_context=False)
            return JSONResponse({"problems": [_place(detail) for detail in details]}, 422)
        except UnknownRecording as error:
            return _problem("recording", str(error))
        except json.JSONDecodeError:
            return _problem("", "the body is not JSON")

    return explained


def _place(detail: Any) -> dict[str, str]:
    return {"field": ".".join(str(part) for part in detail["loc"]), "message": detail["msg"]}


def _problem(field: str, message: str) -> Response:
    return JSONResponse({"problems": [{"field": field, "message": message}]}, 422)


def _answer(content: object) -> Response:
    return JSONResponse(to_jsonable_python(content))


async def _json(request: Request) -> object:
    return json.loads(await request.body())


async def _read(request: Request, model: type[Model]) -> Model:
    return model.model_validate(await _json(request))


def _fits(thing: object, query: dict[str, str]) -> bool:
    """Whether every field named in the query has that value."""
    return all(str(getattr(thing, name, None)) == value for name, value in query.items())
