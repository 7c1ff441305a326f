"""`frontdesk classify`: the responder's own understanding, for trying out keywords and for checking it from outside."""

import json
from collections.abc import Iterable, Iterator

from responder.practice import Practice
from responder.understanding import classify


def classify_lines(lines: Iterable[str], practice: Practice) -> Iterator[dict[str, object]]:
    """One result per line that is not blank: plain text, or a JSON object with a `text` field."""
    for line in lines:
        text = line.rstrip("\r\n")
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
    if line.lstrip().startswith("{"):
        try:
            found = json.loads(line)
        except ValueError:
            return line
        if isinstance(found, dict) and isinstance(found.get("text"), str):
            text: str = found["text"]
            return text
    return line
