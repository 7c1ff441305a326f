"""Examples as a consumer gets them: bytes, of today's contracts and of released ones."""

from dataclasses import dataclass
from pathlib import Path

from contracts.examples import EXAMPLES
from contracts.registry import EVENTS, AnyEvent, InvalidEvent, decode_event

_BY_TYPE = {event.type_name(): event for event in EVENTS}


@dataclass(frozen=True)
class Example:
    """One example of one event."""

    kind: type[AnyEvent]
    version: str
    """`today`, or the released version it comes from."""
    number: int
    body: bytes

    @property
    def name(self) -> str:
        """For people, e.g. `SmsReceived-today-1`."""
        return f"{self.kind.__name__}-{self.version}-{self.number}"

    @property
    def event(self) -> AnyEvent:
        """As today's contracts read it. Raises `AssertionError` when they cannot."""
        try:
            event = decode_event(self.body)
        except InvalidEvent as error:
            raise AssertionError(f"{self.name} can no longer be read: {error}") from None
        assert isinstance(event, self.kind), f"{self.name} is read as {type(event).__name__}"
        return event


def todays() -> list[Example]:
    """The examples of the installed contracts."""
    return [
        Example(kind, "today", number, example.to_json())
        for kind in EVENTS
        for number, example in enumerate((each for each in EXAMPLES if type(each) is kind), 1)
    ]


def released(folder: Path) -> list[Example]:
    """The frozen examples `folder`/VERSION/examples/TYPE/NUMBER.json of every event; none when there is no folder.

    Commands, which no durable consumer gets, are left out. Raises `LookupError` for an event that the contracts no
    longer know.
    """
    files = sorted(folder.glob("*/examples/*/*.json"))
    return [_released(file) for file in files if not _is_command(file)]


def _released(file: Path) -> Example:
    version, name = file.parents[2].name, file.parent.name
    if name not in _BY_TYPE:
        raise LookupError(f"{file}: released in {version}, but the contracts no longer know {name}")
    return Example(_BY_TYPE[name], version, int(file.stem), file.read_bytes())


def _is_command(file: Path) -> bool:
    return file.parent.name.rpartition(".v")[0].endswith((".request", ".reply"))
