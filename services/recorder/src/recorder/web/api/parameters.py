"""Parameters that several routes take."""

from typing import Annotated

from fastapi import Path, Query

from recorder.web.reading.filters import Plain
from recorder.web.reading.questions import MOST

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many rows at most")]
Cursor = Annotated[Plain | None, Query(max_length=2000, description="`next` of the page before")]
Provider = Annotated[Plain, Path(description="twilio or voipms")]
Sid = Annotated[Plain, Path(description="The provider's id")]
