"""The API as a whole."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from recorder.web.api import calls, conversations, exports, marks, overview, recordings, session
from recorder.web.api.description import described, says
from recorder.web.desk import reader

router = APIRouter(
    prefix="/api",
    dependencies=[Depends(reader)],
    responses={
        400: says("A cursor or value that cannot be"),
        401: says("Not signed in"),
        403: says("Not allowed to, or sent by another site's page"),
        422: says("A parameter that cannot be, with its name"),
        429: says("Too many wrong passwords; Retry-After says how long to wait"),
        503: says("The database is away, or a setting is missing"),
    },
)
for part in (exports, calls, conversations, overview, marks, recordings, session):
    router.include_router(part.router)


@router.get("/openapi.json", include_in_schema=False)
async def description(request: Request) -> dict[str, Any]:
    """This API's description."""
    return described(request.app)
