"""The recorder's page: calls and texts of late. A plain function from rows to HTML."""

import base64
import hashlib
from datetime import datetime

from recorder.database import Row
from recorder.html import Html, element

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --quiet: #777; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 1rem/1.45 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
ul { list-style: none; padding: 0; margin: 0; }
li { border-top: 1px solid var(--line); padding: .6rem 0; }
p { margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-line; }
.quiet { color: var(--quiet); font-size: .9rem; }
.tag { background: var(--soft); border-radius: .3rem; padding: 0 .4rem; margin-right: .3rem; font-size: .85rem; }
.outbound { padding-left: 1.5rem; }
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing but this page's own style: no script could run even if one got in."""


def render(calls: list[Row], messages: list[Row]) -> str:
    """The whole page, from rows as `Database` gives them."""
    body = element(
        "body",
        element("h1", "Front desk"),
        element("h2", "Texts"),
        _list([_message(row) for row in messages], nothing="No texts yet."),
        element("h2", "Calls"),
        _list([_call(row) for row in calls], nothing="No calls yet."),
    )
    return "<!doctype html>" + element("html", _head(), body, lang="en")


def _head() -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", "Front desk"),
        element("style", Html(_STYLE)),
    )


def _list(items: list[Html], *, nothing: str) -> Html:
    return element("ul", *items) if items else element("p", nothing, class_="quiet")


def _call(row: Row) -> Html:
    lines = [_summary(row, row["started_at"] or row["created_at"]), _tags(row["status"], _minutes(row["duration"]))]
    if row["transcription_text"]:
        lines.append(element("p", row["transcription_text"]))
    elif row["transcription_status"]:
        lines.append(element("p", f"Recording: transcription {row['transcription_status']}", class_="quiet"))
    return element("li", *lines)


def _message(row: Row) -> Html:
    reply = "automatic reply" if row["auto_response"] else None
    lines = [
        _summary(row, row["occurred_at"]),
        _tags(row["category"], reply, row["status"], row["error_code"] and f"error {row['error_code']}"),
    ]
    if row["message"]:
        lines.append(element("p", row["message"]))
    if row["media"]:
        lines.append(element("p", f"{len(row['media'])} attached", class_="quiet"))
    return element("li", *lines, class_=row["direction"])


def _summary(row: Row, moment: str) -> Html:
    parties = f"{row['from_number'] or 'unknown'} → {row['to_number'] or 'unknown'} · {row['provider']}"
    shown = datetime.fromisoformat(moment).strftime("%a %d %b %Y, %H:%M UTC")
    return element("p", element("time", shown, datetime=moment), " · ", parties, class_="quiet")


def _tags(*words: str | None) -> Html:
    return element("p", *(element("span", word, class_="tag") for word in words if word))


def _minutes(seconds: int | None) -> str | None:
    return None if seconds is None else f"{seconds // 60}:{seconds % 60:02d} min"
