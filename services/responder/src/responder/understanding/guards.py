"""Whether a word that was found is meant: not negated, not over, not only imagined.

"no pain", "it stopped bleeding", "last year I had an abscess" and "do you handle emergencies?" have the words of an
emergency and are none; "no aguanto el dolor" and "it won't stop bleeding" have a negation and are one.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from responder.understanding.reading import Reading, every


class Sense(StrEnum):
    """How a mention is meant."""

    LIVE = "live"
    NEGATED = "negated"
    PAST = "past"
    IMAGINED = "imagined"


_REACH = 5
"""Words that a negation reaches ahead: "I don't have any more of that pain"."""

_NEGATORS = every(
    """
    no not never without none zero dont doesnt didnt isnt arent wasnt werent aint hasnt havent nothing neither nor
    sin nunca ni tampoco nada ningun ninguna
    """
)
_LIVES_ON = every(
    """
    stop stops stopped stopping quit go goes going gone help helps helping helped touch touching improve improving
    better get gets getting stand take bear handle tolerate let lets sleep slept eat chew only sure know ease easing
    relief para paro parar deja dejo dejar aguanto aguanta aguantar soporto soporta puedo puede quita quitan quito
    calma baja bajo cede mejora mejorado solo se cierra controla
    """
)
"""After a negation these say that it goes on: "doesn't stop", "no aguanto", "not going away"."""

_OVER = re.compile(
    r"\b(gone|went away|go away|stopped|better|subsided|cleared up|healed|disappeared|no more|not any ?more|all good|"
    r"went down|free|"
    r"se (me )?(fue|quito|paso|bajo)|ya (paso|no)|desaparecio|mejor|cedio|paro|bajo)\b"
)
_NOT_OVER = re.compile(
    r"\b(not|isnt|hasnt|havent|wont|doesnt|didnt|never|no|nunca|tampoco|nothing|nada)\b(?:\s\w+){0,3}?\s"
    r"(gone|go|going|away|stop|stopped|better|down|subsided|quita|quito|paro|para|pasa|baja|bajo|cede|mejora|mejor)\b"
)
_PAST = re.compile(
    r"\b(last (year|month|week|summer|winter|spring|fall|time|christmas)|(years?|months?|weeks?) ago|back in (the|\d)|"
    r"(back )?in (high school|middle school|school|college|my (teens|twenties))|"
    r"used to|as a (kid|child)|when i was|once had|years back|in the past|previously|previous|"
    r"(el|la) (ano|mes|semana|vez) pasad[oa]|hace (mucho|\w+ (anos|meses|semanas)|anos|meses)|"
    r"de (nino|nina|joven|chiquit[oa])|"
    r"cuando tenia|antes me|me dolia|tenia|cuando era|aquella vez)\b"
)
_NOW = re.compile(
    r"\b(now|rn|today|tonight|still|(?<!never )again|since|keeps?|wont|this morning|woke up|"
    r"getting worse|worse|currently|suddenly|"
    r"ahora|ahorita|hoy|todavia|aun|otra vez|de nuevo|desde|sigue|sigo|esta manana|anoche|amaneci|"
    r"desperte|peor|ya no aguanto)\b"
)
_IMAGINED = re.compile(
    r"\b(what if|if \w+( \w+)? ever|ever (need|have|had|get|lose|break|fall|fell|happens?)|in case|"
    r"just (curious|wondering|asking|checking|wanted to know)|"
    r"hypothetical(ly)?|in the future|counts as|qualif(y|ies) as|considered an?|would (you|it|that|i|we|be)|"
    r"(do|does|can|will) (you|u|ya|yall|you guys|the office|your office|they|"
    r"my \w+) (guys )?(also )?(handle|treat|see|take|do|offer|accept|have|cover|deal|provide|pay)|"
    r"for (a|my|our) (\w+ )?(class|school|paper|project|research|article|blog|handbook|team|report|newsletter)|"
    r"nothing (is )?wrong|asking for (a|my|when)|after (the|my) (\w+ ){1,3}next|mine is next|"
    r"not right now|not now|no rush|por si|en caso de|si alguna vez|"
    r"solo (pregunto|preguntaba|queria saber|por curiosidad|curiosidad)|curiosidad|que (pasa|hago|"
    r"se hace|hay que hacer|harian) si|y si (un dia|me|se)|"
    r"(ustedes )?(atienden|manejan|ven|hacen|tratan|tienen|aceptan|reciben|cubre|cubren) (las |"
    r"los )?(emergencia|urgencia)s?)\b"
)
_TO_COME = re.compile(
    r"\b(next (week|month|year|summer|spring|fall)|ahead of time|(surgery|extraction|procedure|mine|hers|his|it|its) "
    r"(is|isnt|are|for|scheduled|set)( set| scheduled)?( for| on| in| til| until| next)? "
    r"(the|mon|tue|wed|thu|fri|sat|sun|jan|feb|march|apr|may|june|july|aug|sep|oct|nov|dec|a |two|next)|"
    r"(when|after|before) (you|they|he|she|we) (take|pull|put|remove|do|get)|(gets?|getting|goes|will|going to) "
    r"(\w+ ){0,4}(pulled|out|done|removed|on) (on|next|in|mon|tues|thurs|fri)|"
    r"me (toca|tocan|van a|la van a|lo van a)|se me va a|le (va|van) a|va a (doler|sangrar|hincharse)|"
    r"cuando (me|le|te|se) (saquen|sacan|pongan|ponen|hagan|hacen|quiten|quitan|operen)|"
    r"(todavia|aun)? ?faltan? (un|una|dos|tres|unos|unas|\d))\b"
)


def is_past(reading: Reading) -> bool:
    """Whether it tells of something that is over."""
    text = reading.folded
    return _PAST.search(text) is not None and _NOW.search(text) is None


def is_imagined(reading: Reading) -> bool:
    """Whether it asks about what could be, or about how things are done."""
    return _IMAGINED.search(reading.folded) is not None


def is_to_come(reading: Reading) -> bool:
    """Whether it asks about a treatment that is still ahead."""
    return _TO_COME.search(reading.folded) is not None


def is_present(reading: Reading) -> bool:
    """Whether it says that something is going on now."""
    return _NOW.search(reading.folded) is not None


def sense(reading: Reading, clause: Sequence[str], start: int, end: int) -> Sense:
    """How the words `start` to `end` of a clause of `reading` are meant."""
    if is_negated(clause, start, end):
        return Sense.NEGATED
    if is_imagined(reading):
        return Sense.IMAGINED
    return Sense.PAST if is_past(reading) else Sense.LIVE


def is_negated(clause: Sequence[str], start: int, end: int) -> bool:
    """Whether a negation before the words, or an end told after them, takes them back."""
    before = clause[max(0, start - _REACH) : start]
    for at in range(len(before) - 1, -1, -1):
        if before[at] in _LIVES_ON:
            break
        if before[at] in _NEGATORS:
            return True
    if "stopped" in before[-2:] or before[-2:] == ("dejo", "de") or before[-2:] == ("paro", "de"):
        return "hasnt" not in before and "not" not in before and "no" not in before
    after = " ".join(clause[end : end + _REACH])
    return _OVER.search(after) is not None and _NOT_OVER.search(after) is None
