"""What was understood."""

from dataclasses import dataclass
from typing import Literal

from contracts.values import Category

Language = Literal["en", "es"]

SURE = 1.0


@dataclass(frozen=True)
class Understanding:
    """What a text is about, how sure that is, and which rule or model says so.

    `confidence` is a probability: of a hundred texts with 0.9, about ninety are about `category`. `by` holds no word
    of the patient. `language` is the one to answer in. `needs_staff` asks for a person to read the text: nobody could
    tell what it is about, and the default reply went out.
    """

    category: Category
    confidence: float
    by: str
    language: Language = "en"
    needs_staff: bool = False
