"""`frontdesk classify`: the responder's own understanding, for trying out keywords and for checking it from outside."""

import json
from collections.abc import Iterable, Iterator

from responder.practice.model import Practice
from responder.understanding import classify

_BYTE_ORDER_MARK = "\ufeff"


def classify_lines(lines: Iterable[bytes], practice: Practice) -> Iterator[dict[str, object]]:
    """One result per line that is not blank: plain text, or a JSON object with a `text` field.

    A line that is neither is taken for plain text; bytes that are no UTF-8 are read as U+FFFD.
    """
    for line in lines:
        text = line.decode("utf-8", "replace").lstrip(_BYTE_ORDER_MARK).rstrip("\r\n")
        if text.strip():
            message = _text_of(text)
            understood = classify(message, practice)
            yield {
                "text": message,
                "category": understood.category.value,
                "confidence": understood.confidence,
                "by": understood.by,
            }


def _text_of(line: str) -> str:
    """The `text` of a JSON object; surrogates that JSON allows and UTF-8 does not become U+FFFD."""
    if line.lstrip().startswith("{"):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return line
        if isinstance(found, dict) and isinstance(found.get("text"), str):
            return str(found["text"]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return line
