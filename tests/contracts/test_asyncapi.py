"""The AsyncAPI document: valid, true, complete, and worth looking at."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from chassis.bus import Bus
from chassis.consuming import subscribe
from contracts import EVENTS
from contracts.asyncapi import SERVICES, consumers_of, document
from contracts.registry import AnyEvent
from contracts.schemas import documents
from contracts.topology import CONSUMERS, RESPONDER_TEXTS, dead_letter_subject
from ops.bus.permissions import users
from ops.contracts import html
from ops.contracts.asyncapi_files import rendered
from support.asyncapi import problems, resolve
from support.backends import NatsServer
from support.events import text
from support.waiting import eventually

Json = dict[str, Any]
Breakage = Callable[[Json], None]

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schemas and what npm installs from our lock; without Node or npm there is nothing to test."""
    root = tmp_path_factory.mktemp("contracts")
    shutil.copytree(CONTRACTS / "html", root / "html", ignore=shutil.ignore_patterns("node_modules"))
    (root / "schemas").mkdir()
    for name, schema in documents().items():
        (root / "schemas" / name).write_text(json.dumps(schema))
    try:
        html.install(root)
    except html.NotBuilt as error:
        pytest.skip(str(error))
    return root


def operations(service: str, action: str) -> dict[str, Json]:
    found = document()["operations"]
    return {
        name: operation
        for name, operation in found.items()
        if name.startswith(f"{service}.") and operation["action"] == action
    }


def addresses(service: str, action: str) -> set[str]:
    found = operations(service, action).values()
    channels = (resolve(operation["channel"]["$ref"], document()) for operation in found)
    return {channel["address"].replace("{service}", service) for channel in channels}


# True to the system


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sends_exactly_what_its_user_on_the_bus_may_publish(service: str) -> None:
    (user,) = (user for user in users() if user.name == service)
    assert addresses(service, "send") == {subject for subject in user.publish if not subject.startswith("$")}


def test_every_service_receives_what_its_consumers_bring_and_the_commands_it_answers() -> None:
    assert addresses("gateway", "receive") == set()
    assert addresses("recorder", "receive") == {event.bus_subject for event in EVENTS}
    assert addresses("responder", "receive") == {
        *("events.sms.received", "events.sms.status_changed", "commands.voice.turn"),
        *("events.alert.raised", "events.alert.acknowledged"),
        *(
            "events.call.received",
            "events.call.status_changed",
            "events.call.detail_recorded",
            "events.call.turn_taken",
        ),
        *("events.recording.ready", "events.transcription.completed"),
    }
    assert addresses("transcriber", "receive") == {"events.recording.ready"}


def test_every_durable_consumer_stands_at_its_operations() -> None:
    durable = {
        consumer["durable"]
        for service in SERVICES
        for operation in operations(service, "receive").values()
        for consumer in operation.get("x-jetstream-consumers", [])
    }
    assert durable == {consumer.name for consumer in CONSUMERS}


def test_both_sides_of_a_command_say_where_the_reply_goes_and_what_it_is() -> None:
    reply = "#/channels/commands.voice.turn.reply"
    for name in ("gateway.asks.voice.turn", "responder.answers.voice.turn"):
        said = document()["operations"][name]["reply"]
        assert said["channel"] == {"$ref": reply}
        assert said["messages"] == [{"$ref": f"{reply}/messages/frontdesk.voice.turn.reply.v1"}]
    assert resolve(reply, document())["address"] is None


async def test_the_headers_of_an_event_are_those_on_the_bus(operator: Bus) -> None:
    await operator.publish(text())
    stored = await operator.js.get_last_msg("EVENTS", "events.sms.received")
    schema = document()["components"]["schemas"]["EventHeaders"]
    Draft202012Validator(schema).validate(stored.headers)
    assert set(schema["properties"]) <= set(stored.headers or {})


async def test_the_headers_of_a_dead_letter_are_those_on_the_bus(nats: NatsServer, operator: Bus) -> None:
    async def handler(_: AnyEvent) -> None:
        return

    responder = Bus("responder", nats.url("responder"))
    subscribe(responder, RESPONDER_TEXTS, handler)
    await responder.start(RESPONDER_TEXTS)
    await operator.js.publish("events.sms.received", b"not json")

    async def set_aside() -> bool:
        return (await operator.js.stream_info("DEAD_LETTERS")).state.messages == 1

    await eventually(set_aside)
    letter = await operator.js.get_last_msg("DEAD_LETTERS", dead_letter_subject("responder"))
    schema = document()["components"]["messages"]["DeadLetter"]["headers"]
    Draft202012Validator(schema).validate(letter.headers)
    assert set(schema["properties"]) <= set(letter.headers or {})
    await responder.close()


def test_the_documentation_lists_who_publishes_and_who_consumes_what() -> None:
    documentation = (CONTRACTS.parent / "docs" / "contracts.md").read_text()
    for event in EVENTS:
        consumers = ", ".join(sorted({consumer.service for consumer in consumers_of(event)}))
        says = (event.__doc__ or "").splitlines()[0]
        assert f"| `{event.bus_subject}` | {event.published_by} | {consumers} | {says} |" in documentation


# The file


def test_the_file_says_what_the_document_says() -> None:
    assert yaml.safe_load(rendered()) == document()
    assert yaml.safe_load(rendered("4.5.6"))["info"]["version"] == "4.5.6"


def test_the_file_is_the_same_wherever_it_is_written() -> None:
    say = "import sys; from ops.contracts.asyncapi_files import rendered; sys.stdout.write(rendered())"
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run([sys.executable, "-c", say], env=environment, capture_output=True, check=True)
    assert run.stdout.decode() == rendered()


# Valid


def without_a_version(broken: Json) -> None:
    del broken["info"]["version"]


def with_the_words_of_version_2(broken: Json) -> None:
    broken["operations"]["gateway.publishes.sms.received"]["action"] = "publish"


def with_a_channel_that_is_not_there(broken: Json) -> None:
    broken["operations"]["gateway.publishes.sms.received"]["channel"]["$ref"] = "#/channels/events.sms.gone"


def with_the_message_of_another_channel(broken: Json) -> None:
    message = "#/channels/events.sms.sent/messages/frontdesk.sms.sent.v1"
    broken["operations"]["gateway.publishes.sms.received"]["messages"] = [{"$ref": message}]


def with_a_schema_that_is_not_there(broken: Json) -> None:
    broken["components"]["messages"]["frontdesk.sms.received.v1"]["payload"]["$ref"] = "./schemas/gone.json"


def with_an_example_that_is_not_valid(broken: Json) -> None:
    del broken["components"]["messages"]["frontdesk.sms.received.v1"]["examples"][0]["payload"]["data"]


BREAKAGES = (
    without_a_version,
    with_the_words_of_version_2,
    with_a_channel_that_is_not_there,
    with_the_message_of_another_channel,
    with_a_schema_that_is_not_there,
    with_an_example_that_is_not_valid,
)


def test_the_python_validator_takes_it() -> None:
    assert problems(document(), documents()) == []


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_the_python_validator_refuses_a_document(breakage: Breakage) -> None:
    broken = document()
    breakage(broken)
    assert problems(broken, documents())


@pytest.fixture(scope="session")
def verdicts(tools: Path) -> dict[str, list[str]]:
    """What the official parser says to our file and to each broken document."""
    files = {"ours": tools / "asyncapi.yaml"}
    files["ours"].write_text(rendered())
    for breakage in BREAKAGES:
        broken = document()
        breakage(broken)
        files[breakage.__name__] = tools / f"{breakage.__name__}.json"
        files[breakage.__name__].write_text(json.dumps(broken))
    return dict(zip(files, html.problems(*files.values(), root=tools), strict=True))


def test_the_official_parser_takes_it(verdicts: dict[str, list[str]]) -> None:
    assert verdicts["ours"] == []


@pytest.mark.parametrize("breakage", [each for each in BREAKAGES if each is not with_an_example_that_is_not_valid])
def test_the_official_parser_refuses_a_document(verdicts: dict[str, list[str]], breakage: Breakage) -> None:
    assert verdicts[breakage.__name__], "it looks at everything but examples"


# The page


class Page(HTMLParser):
    """What a browser would load, and the document that the page carries."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.policy = ""
        self.carried = ""
        self.styles = ""
        self._in: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in = {"tag": tag, **given}
        self.loads += [f"{tag} {given[name]}" for name in ("src", "href", "srcset", "data") if name in given]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_data(self, data: str) -> None:
        if self._in.get("tag") == "style":
            self.styles += data
        if self._in.get("id") == "document":
            self.carried += data

    def handle_endtag(self, tag: str) -> None:
        self._in = {}


def test_the_page_holds_everything_and_loads_nothing(tools: Path, tmp_path: Path) -> None:
    (tools / "asyncapi.yaml").write_text(rendered())
    target = html.build(tmp_path / "new" / "contracts.html", tools)
    page = Page(target.read_text())
    assert page.loads == []
    assert page.styles
    assert "@import" not in page.styles
    assert "url(" not in page.styles.replace("url(data:", "")
    assert page.policy.startswith("default-src 'none'")
    assert set(document()["channels"]) == set(json.loads(page.carried)["channels"])
    assert "./schemas/" not in page.carried


def test_no_page_is_made_of_a_broken_document(tools: Path, tmp_path: Path) -> None:
    broken = document()
    without_a_version(broken)
    (tools / "asyncapi.yaml").write_text(json.dumps(broken))
    with pytest.raises(html.NotBuilt, match="version"):
        html.build(tmp_path / "contracts.html", tools)
    assert not (tmp_path / "contracts.html").exists()


def test_a_machine_without_node_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(html.NoNode, match="node was not found"):
        html.build(tmp_path / "contracts.html")


def test_the_lock_names_hashes_and_no_hosts() -> None:
    lock = (CONTRACTS / "html" / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    assert all(package.get("integrity", "").startswith("sha512-") for name, package in packages.items() if name)
    assert "://" not in lock
    assert "resolved" not in lock
