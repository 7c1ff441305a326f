"""What is one thing to the model however it is written: an insurer, a day, a time of day, an amount, a link.

A text about "MCNA" teaches nothing about "Ambetter" unless both are the same word. Each pattern works on folded text.
"""

import re

_INSURERS = (
    "aetna|aflac|ambetter|ameritas|amerigroup|anthem|argus|assurant|avesis|bcbs|blue cross( blue shield)?|blue shield|"
    "careington|caresource|careplus|cigna|centene|chip|concordia|delta( dental)?|dentaquest|denta quest|dentegra|"
    "emblem ?health|empire|envolve|fidelis|florida blue|geha|guardian|healthplex|humana|independence|"
    "kaiser|liberty( dental)?|"
    "lincoln financial|managed care|mcna|medi-?cal|medicaid|medicare|met ?life|molina|mutual of omaha|obamacare|oscar|"
    "premera|prestige|principal|regence|renaissance|simply|solstice|staywell|sun ?life|"
    "sunshine health|tricare|uhc|umr|"
    "united ?health ?care|united concordia|united|unum|upmc|wellcare|wellpoint|dmo|hmo|ppo"
)
_DAYS = (
    "mon(day)?s?|tue(s|sday)?s?|wed(nesday)?s?|thu(r|rs|rsday)?s?|fri(day)?s?|sat(urday)?s?|sun(day)?s?|"
    "lunes|martes|miercoles|jueves|viernes|sabados?|domingos?"
)
_MONTHS = (
    "january|february|march|april|june|july|august|september|october|november|december|jan|feb|apr|"
    "aug|sept?|oct|nov|dec|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_HOLIDAYS = (
    "thanksgiving|christmas( eve| day)?|xmas|new ?years?( eve| day)?|labor day|memorial day|july (4th|fourth)|"
    "(the )?(4th|fourth) of july|easter( monday)?|good friday|mlk( day)?|presidents day|veterans day|"
    "columbus day|halloween|"
    "navidad|nochebuena|ano nuevo|accion de gracias|semana santa|viernes santo|pascua|4 de julio|"
    "dia de reyes|juneteenth"
)
_SHAPES = (
    ("zurl", r"(https?://|www\.)\S+|\b\w+\.(com|net|org|info|example|ly)\b\S*"),
    ("zholiday", rf"\b({_HOLIDAYS})\b"),
    ("zinsurer", rf"\b({_INSURERS})\b"),
    ("zday", rf"\b({_DAYS})\b"),
    ("zmonth", rf"\b({_MONTHS})\b"),
    ("zphone", r"\+?\d?[ .(-]*\d{3}[ .)-]+\d{3}[ .-]+\d{4}\b|\b\d{10}\b"),
    ("ztime", r"\b\d{1,2}(:\d{2}| ?[ap]\.? ?m\b)( ?[ap]\.? ?m\b)?|\b(noon|midday|mediodia)\b"),
    ("zmoney", r"[$€] ?\d[\d,.]*"),
    ("zlong", r"\b\d{5,}\b"),
    ("znumber", r"\b\d+(st|nd|rd|th|am|pm|hrs?)?\b"),
    ("zstreet", r"\b\w+ (ave|avenue|road|blvd|pkwy|parkway|hwy|highway|turnpike)\b"),
)
_COMPILED = tuple((f" {name} ", re.compile(pattern)) for name, pattern in _SHAPES)


def shaped(folded: str) -> str:
    """`do u take mcna on fridays?` → `do u take zinsurer on zday?`."""
    for name, pattern in _COMPILED:
        folded = pattern.sub(name, folded)
    return folded
