"""Part of a list."""

from typing import Generic, TypeVar

from pydantic import Field

from recorder.web.reading.models import Answer

Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """Part of a list, newest first."""

    items: tuple[Item, ...]
    next: str | None = Field(None, description="`cursor` of the next page; none when this is the last")
