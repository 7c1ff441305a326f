"""Whether a text asks to be called, in English or Spanish. Pure.

A wish is for somebody else to call the writer. "I will call you", "do not call me" and "you called me" hold the same
words and are none. Read clause by clause: "don't text, call me" is a wish.
"""

import re

from responder.understanding.reading import Reading

_FAMILY = "wife|husband|mom|mother|dad|father|son|daughter"
_A_CALL = r"(an? |your )?(quick |phone |return )*(call|callback|ring|buzz)"
_WISHES = (
    rf"(call|ring|phone|buzz) (me|us|this number|my ({_FAMILY}|cell|number|phone|work))",
    r"(give|get|giving|need|want|like|request|requesting|expecting|awaiting|waiting (for|on)) (me |us )?" + _A_CALL,
    r"(please|pls|plz|just) (call|call back|callback)",
    r"call ?back (please|pls|plz|asap|when|at|on|requested)|return my (phone )?call",
    r"(llam|marqu|marc|telefone)(en|e|a|an|ar)(me|nos)(?! (por (haber|el)))",
    r"me (puede|pueden|podria|podrian|puedes|podrias|pudiera|pudieran) (volver a )?(llamar|marcar|telefonear)",
    r"(que|alguien) me (llamen|llame|marquen|marque)",
    r"(quiero|necesito|espero|solicito|deseo|quisiera) (una|su) llamada",
    r"(regres|devuelv|devolv)\w* (me |mi |la )*llamada",
)
_FILLER = "(you|u|have|want|need|like|please|to|ever|anyone|a)"
_MEANING_TO = "(will|would|can|could|should|might|may|just|have|need|am|going|gonna|tried|trying|try|want|to)"
_NO_WISHES = (
    rf"(dont|do not|never|no need (to|for)|stop|quit|without)( {_FILLER})* (call|calling|calls)",
    r"why( \w+){1,4} call(ing)? (me|us)|(did|does|do) (you|u|someone|somebody|anyone|they|yall)( \w+){0,3} (call|ring)",
    rf"(i|ill|im|ima|we|well|let me|lemme)( {_MEANING_TO})* (call|ring|phone|give)(?! (me|us))",
    r"(can|should|may|could|shall|will|must) (i|we) (just )?(call|ring|phone|give)",
    r"(to|tried) call(ed)? back",
    r"(no|nunca|ya no|dejen de|gracias por|sin|en vez de|en lugar de)( \w+){0,3}? (llam|marqu|marc|telefone)\w*",
    r"(yo|los|les|le) (llamo|llamare|marco|marcare|regreso|devuelvo)",
)
_WISH = re.compile(rf"\b({'|'.join(_WISHES)})\b")
_NO_WISH = re.compile(rf"\b({'|'.join(_NO_WISHES)})\b")


def wants_a_call(message: str) -> bool:
    """Whether the writer of `message` asks to be called."""
    clauses = (" ".join(clause) for clause in Reading(message).clauses)
    return any(_WISH.search(clause) and not _NO_WISH.search(clause) for clause in clauses)
