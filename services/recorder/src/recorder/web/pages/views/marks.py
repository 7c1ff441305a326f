"""What the front desk did with a call, thread, alert or request."""

from collections.abc import Sequence
from dataclasses import dataclass

from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.reading import models
from recorder.web.reading.models import MarkKind


@dataclass(frozen=True)
class Subject:
    """What marks and notes belong to."""

    kind: MarkKind
    key: str


@dataclass(frozen=True)
class Marks:
    """Done, assigned, opened, noted."""

    done_at: Moment | None
    done_by: str
    assigned_to: str
    opened_at: Moment | None
    opened_by: str
    notes: int

    @property
    def done(self) -> bool:
        """Whether somebody said so."""
        return self.done_at is not None


@dataclass(frozen=True)
class Note:
    """What somebody at the front desk wrote."""

    author: str
    text: str
    at: Moment | None


def marks(said: models.Marks, clock: Clock) -> Marks:
    """The marks of a thing, ready to be shown."""
    return Marks(
        done_at=clock.moment(said.done_at),
        done_by=said.done_by or "",
        assigned_to=said.assigned_to or "",
        opened_at=clock.moment(said.opened_at),
        opened_by=said.opened_by or "",
        notes=said.notes,
    )


def notes(written: Sequence[models.Note], clock: Clock) -> tuple[Note, ...]:
    """Oldest first, as they were written."""
    return tuple(Note(each.author, each.note, clock.moment(each.written_at)) for each in written)
