"""Who is signed in."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from recorder.web.desk import AtDesk, Reader

router = APIRouter(tags=["session"])


class Session(BaseModel):
    """Who is signed in."""

    name: str
    by: str = Field(description="shared (password), person, or token")
    may_write: bool
    csrf: str | None = Field(description="For the X-CSRF-Token header of requests that change something")
    staff: tuple[str, ...] = Field(description="People with a password of their own, to assign things to")


@router.get("/session")
async def session(desk: AtDesk, identity: Reader) -> Session:
    """Who is signed in, and what their requests must carry."""
    return Session(
        name=identity.name,
        by=identity.by,
        may_write=identity.may_write,
        csrf=identity.csrf,
        staff=await desk.ask.staff(),
    )
