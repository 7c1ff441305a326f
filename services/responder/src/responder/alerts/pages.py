"""How often one person is texted about alerts: about each, then that there are more, then not at all. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

HOUR = timedelta(hours=1)
REMEMBERED = timedelta(days=1)
"""How long an answer can refer to an alert."""


class Words(StrEnum):
    """Which text it was."""

    ALERT = "alert"
    """About one alert."""
    MORE = "more"
    """That there are more."""


class Page(BaseModel):
    """One text to a person on call, known by the step that it belongs to."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alert: UUID
    ordinal: int
    at: AwareDatetime
    words: Words


class Pages(BaseModel):
    """The texts to one person in the last day, oldest first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pages: tuple[Page, ...] = ()

    def known(self, alert: UUID, ordinal: int) -> Page | None:
        """The text of that step, if it was counted."""
        return next((page for page in self.pages if (page.alert, page.ordinal) == (alert, ordinal)), None)

    def words(self, now: datetime, per_hour: int) -> Words | None:
        """Which text comes next; None when there were enough."""
        lately = [page for page in self.pages if now - page.at < HOUR]
        if any(page.words is Words.MORE for page in lately):
            return None
        return Words.ALERT if len(lately) < per_hour else Words.MORE

    def with_page(self, page: Page) -> "Pages":
        """After one more; what is too old to matter goes."""
        kept = (known for known in self.pages if page.at - known.at < REMEMBERED)
        return Pages(pages=(*kept, page))

    def without(self, alert: UUID, ordinal: int) -> "Pages":
        """As if that text had never been meant."""
        return Pages(pages=tuple(page for page in self.pages if (page.alert, page.ordinal) != (alert, ordinal)))

    def alerts(self, until: datetime) -> tuple[UUID, ...]:
        """The alerts that the person was told of by then, each in a text of its own, oldest first."""
        told = (page for page in self.pages if page.words is Words.ALERT and page.at <= until < page.at + REMEMBERED)
        return tuple(dict.fromkeys(page.alert for page in told))
