"""The words patients have for what hurts, bleeds, swells or breaks, in English and Spanish."""

import re

from responder.understanding.guards import Sense, sense
from responder.understanding.reading import Reading

_SYMPTOM = re.compile(
    r"^(pain|ache|achy|aching|hurt|sore|throb|swell|swoll|puffy|bleed|blood|bled|abscess|absess|infect|pus|ooz|fever|"
    r"toothache|toothake|broke|broken|crack|chip|shatter|snap|knock|fell|loose|dislocat|fractur|agony|"
    r"unbearable|excruciat|"
    r"killing|numb|drain|bump|lump|emergenc|urgent|asap|"
    r"dol|duel|adolor|hinch|inflam|infla|sangr|absceso|infecc|infect|pus|fiebre|calentura|rompi|partio|partid|quebr|"
    r"astill|cayo|caid|fractur|floj|late|latid|punz|emergencia|urgen|aguant|insoport)"
)
"""How words begin that may tell of trouble; the model weighs them."""

_TOOTH = r"(tooth|teeth|molar|crown|filling|bridge|implant|gums?|jaw|cheek|mouth|face|lip|tongue)"
_DIENTE = (
    r"(dientes?|muelas?|colmillo|corona|empaste|puente|implante|encias?|mandibula|cachetes?|boca|cara|"
    r"mejilla|labio|lengua)"
)
_PLAIN = {
    "toothache": r"too?th ?a(che|ke|ce|hce|ceh|ch|k)s?|dolor (de|en la) muelas?|dolor de dientes?",
    "hurts": (
        rf"(my|his|her|our|the) (\w+ ){{0,3}}{_TOOTH} (\w+ ){{0,2}}(hurts?|aches|is killing|is throbbing|"
        rf"are killing)|(me|le) duelen? (\w+ ){{0,2}}{_DIENTE}"
    ),
    "swollen": (
        rf"{_TOOTH} (\w+ ){{0,2}}(swollen|swelling|swelled|puffy|ballooned)|swollen {_TOOTH}|"
        rf"{_DIENTE} (\w+ ){{0,2}}(hinchad[oa]s?|inflamad[oa]s?|inflamao)|se me (hincho|inflamo)"
    ),
    "bleeding": (
        r"(wont|will not|doesnt|cant|hasnt|not) stop(ped)? bleeding|cant stop the (blood|bleeding)|"
        r"keeps bleeding|still bleeding|no (para|deja|paro|ha parado) de sangrar|sigue sangrando"
    ),
    "knocked-out": (
        rf"knocked (out )?(\w+ ){{0,3}}{_TOOTH}|{_TOOTH} (\w+ ){{0,2}}(got )?knocked out|se (me |"
        rf"le )?(cayo|rompio|partio|quebro|salio|tumbo) (\w+ ){{0,2}}{_DIENTE}"
    ),
    "breathing": (
        r"(cant|cannot|hard to|trouble|can barely|no puedo|me cuesta) (breathe|breathing|swallow|"
        r"swallowing|respirar|tragar)"
    ),
    "unbearable": (
        r"(unbearable|excruciating|terrible|horrible|severe|insane|worst) (\w+ )?(pain|toothache)|"
        r"no (aguanto|soporto) (mas )?(el|este|la) (dolor|muela)|dolor (insoportable|horrible|terrible|"
        r"fuerte)"
    ),
}
_COMPILED = tuple((name, re.compile(rf"\b({pattern})\b")) for name, pattern in _PLAIN.items())

_ELSEWHERE = re.compile(
    r"\b(work|job|family|personal|home|house|car|plumbing|school|childcare|pet|vet) (related )?(emergenc\w+|urgen\w+)|"
    r"\bemergency (contact|room bill|exit|brake|fund|at (work|home|school|my job))|"
    r"\b(emergencia|urgencia) (familiar|personal|laboral|de trabajo|en (el trabajo|la casa|mi trabajo|la escuela))"
)

_THING = re.compile(
    r"\b(my|our|the|his|her|mi|el|la|su) (\w+ )?(car|truck|tire|phone|screen|laptop|zipper|faucet|dishwasher|pipe|"
    r"dogs?|cats?|puppy|horse|knee|ankle|toe|foot|feet|leg|elbow|back|stomach|tummy|shoulder|wrist|finger|wallet|carro|"
    r"llanta|celular|perr[oa]|gat[oa]|rodilla|tobillo|pie|pierna|espalda|panza|barriga|estomago|hombro|muneca|dedo|"
    r"bolsillo)\b"
)
"""What else may break, bleed, swell or hurt."""
_PET = re.compile(
    r"\b(dogs?|doggy|cats?|pupp(y|ys|ies)|kittens?|kitty|hamsters?|rabbits?|horses?|vet|perr(it)?[oa]s?|gat(it)?[oa]s?|"
    r"mascotas?|veterinari[oa])\b"
)
_MOUTH = re.compile(rf"\b({_TOOTH}|{_DIENTE}|lips|cheeks|crowned|wisdom|braces|retainer|dentures?|extraction)\b")


def senses(reading: Reading) -> frozenset[Sense]:
    """How the symptoms that `reading` has words for are meant; empty when it has none."""
    return frozenset(
        sense(reading, clause, at, at + 1)
        for clause in reading.clauses
        for at, word in enumerate(clause)
        if _SYMPTOM.match(word)
    )


def plain(reading: Reading) -> str | None:
    """What is wrong with a tooth or the face in so many words, and is so now: the name of the pattern."""
    for clause in reading.clauses:
        text = " ".join(clause)
        for name, pattern in _COMPILED:
            if (found := pattern.search(text)) is not None:
                start = len(text[: found.start()].split())
                if sense(reading, clause, start, start + len(found.group().split())) is Sense.LIVE:
                    return name
    return None


def is_elsewhere(reading: Reading) -> bool:
    """Whether the emergency that is spoken of is one at work, in the family or with a car, or of another part."""
    text = " ".join(reading.words)
    return _ELSEWHERE.search(text) is not None or (_THING.search(text) is not None and _MOUTH.search(text) is None)


def is_about_a_pet(reading: Reading) -> bool:
    """Whether an animal is spoken of, whose teeth are a vet's affair unless it broke somebody's."""
    return _PET.search(" ".join(reading.words)) is not None
