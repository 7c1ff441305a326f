"""Sentences that ask for no more texts, or for texts again.

Any reasonable wording of an opt-out has to be honoured (FCC 24-24, in force since April 2025), and a patient who did
not ask for it has to go on hearing from the practice. So the patterns want a verb and its object: who is to stop, and
that it is texting. "Stop by", "stop the bleeding" and "take me off the schedule" are none of them.
"""

import re

from contracts.values import Category
from responder.understanding.reading import Reading

_TEXTS = (
    r"(txts?|texts?|texto?s?|msgs?|messages?|msj?s?|mensajes?|mensajitos?|sms|reminders?|"
    r"recordatorios?|notifications?|"
    r"notificacion(es)?|alerts?|alertas?|avisos?|promos?|promotions?|promociones|ads|spam|marketing|blasts?)"
)
_TEXTING = (
    r"(text(ing)?|txt(ing)?|messaging|message|msging|msg|contact(ing)?|send(ing)?|spamming|reminding|"
    r"hitting up|harassing|"
    r"(bother|bugg)ing me|blowing up)"
)
_WRITE = (  # imperative and subjunctive: what somebody is asked to do, not what they did
    r"(mand(en?|es)|manden|envi(en?|es)|escrib(an?|as)|texte(en?|es)|molest(en?|es)|contact(en?|es)|"
    r"mensaje(en|es)|notifi(quen?|ques))"
)
_ME = r"(me|us|this (number|phone|cell)|my (number|phone|cell)|here|it)"

_OPT_OUT = {
    "calls-not-texts": (
        r"\b(rather|prefer|prefiero|mejor|gustan mas)( \w+){0,4}? (call(s|ed|ing)?|llam\w+|e ?mails?|correos?)"
        rf"( \w+){{0,2}}? (than|over|que|no|not|instead of|en vez de)( \w+){{0,2}}? ({_TEXTING}|{_TEXTS})\b"
    ),
    "stop-texting": (
        rf"\b(stop|quit|cease|enough|discontinue|cut out|no more|knock off) (\w+ ){{0,4}}?({_TEXTING}|"
        rf"{_TEXTS})\b"
    ),
    "dont-text": (
        rf"\b(dont|do not|never|not to|not) (ever |please |pls |u )?{_TEXTING} ({_ME}|anything|any ?more|"
        rf"again|to this)\b"
    ),
    "no-texts-wanted": (
        rf"\b(dont|do not|doesnt|no longer|never|not) (\w+ )?(want|need|like|wish|care|agree|consent|asked|"
        rf"ask|sign(ed)?)( \w+){{0,5}}? {_TEXTS}\b"
    ),
    "no-texts-wanted-es": (
        rf"\b(no|ya no) (quiero|deseo|necesito|quisiera|me interesa|autorizo|"
        rf"acepto)( \w+){{0,4}}? (mas )?{_TEXTS}\b"
    ),
    "unsubscribe": (
        r"\b(unsub|unsubscribe|unsuscribe|unsubscrib\w*) (me|us|this|from|my)\b|\b(want|like|need|how (do|"
        r"can) (i|you)|please|pls|to) (to )?(unsubscribe|opt ?out)\b|\bopt (me|us|this|my \w+) out\b"
    ),
    "off-the-list": (
        r"\b(take|remove|delete|drop|get|erase|scratch|cross) (me|us|my (\w+ )?(number|name|cell|phone|"
        r"info|contact)|this (number|phone)|it) (\w+ )?(off|from|out)( \w+){0,3} (list|lists|texts?|"
        r"messages?|database|system|contacts?|reminders?|distribution|thing|marketing|campaign|txts?)\b"
    ),
    "lose-my-number": (
        r"\b(lose|delete|remove|forget|erase) (my|this) (\w+ )?(number|#|digits|contact)\b|\btake (me|"
        r"this number|my number) off$"
    ),
    "leave-me-alone": r"\bleave me alone\b|\bdejen?me en paz\b|\bno me molesten?\b",
    "no-escriban": (
        rf"\b(no|ya no|nunca|tampoco|que no|pa que no) (me|nos|le|les) (vuelvan a |sigan |siga )?({_WRITE}|"
        rf"mandando|enviando|escribiendo|mandar|enviar|escribir|textear)\b(?! (la|el) (direccion|factura|"
        rf"cuenta))"
    ),
    "dejen-de": (
        r"\b(dejen?|deja|paren?|basta|dejar|cesen|suspendan|stop|no sigan|para (?=de))( ya)? ?(de |"
        r"con )?(\w+ )?(mandar(me|nos)?|enviar(me|nos)?|escribir(me|nos)?|textear(me|nos)?|molestar(me|"
        r"nos)?|contactar(me|nos)?|mandando(me)?|enviando(me)?|mensajes|textos|recordatorios)\b"
    ),
    "no-mas": (
        rf"\b(no|ya no|ni un|cero|basta de|alto a los) (quiero |deseo )?(recibir |me lleguen |"
        rf"reciba )?(mas |otro )?{_TEXTS}( por favor| porfa)?$|\bno mas {_TEXTS}\b"
    ),
    "borrenme": (
        r"\b(borr|quit|sac|elimin|remuev|retir)(en?|a|e|ar|enme|eme|ame|arme|elo|enlo)( me)?( a)?( mi|"
        r" este| el)?( numero| telefono| nombre| celular| contacto)? ?(de|del|ya)( la| su| esta| sus|"
        r" el)? ?(\w+ )?(lista|listas|sistema|mensajes|textos|contactos|base|grupo|registro)\b"
    ),
    "baja": (
        r"\b(dar(me|nos)?|den(me|nos)|deme|doy|dan|dar) de baja\b(?! (la|mi) cita)|\bcancel(ar|en|o)?( mi|"
        r" la)? suscripcion\b|\bdesuscrib\w+"
    ),
}
_OPT_IN = {
    "stop-by-accident": (
        r"\b(stop|baja|alto) (\w+ ){0,4}(was|were|fue|era|by|on|por|sin) (\w+ ){0,2}?(accident\w*|mistake|error|"
        r"querer|otro numero|someone else|somebody else|another number)\b|"
        r"\b(ignore|disregard|ignoren?|no hagan caso (al|del|a mi)) (\w+ ){0,2}?(stop|baja|alto)\b"
    ),
    "texts-not-calls": (
        rf"\b(rather|prefer|prefiero|mejor|gustan mas)( \w+){{0,4}}? {_TEXTS}( \w+){{0,2}}? (than|over|que|no|not|"
        r"instead of|en vez de)( \w+){0,2}? (call(s|ed|ing)?|llam\w+)\b|"
        r"\b(text|message) me (instead of|rather than|not|dont) (a )?call(s|ing)?\b"
    ),
    "text-again": (
        rf"\b(start|begin|resume|restart|reactivate|reinstate|re ?enable|enable) (\w+ ){{0,2}}?({_TEXTING}|"
        rf"{_TEXTS})\b"
    ),
    "back-on": (
        rf"\b(turn|sign|put|opt|add|subscribe|resubscribe|re ?subscribe|switch) (me|us|my (number|texts|"
        rf"reminders|messages)|the (texts|reminders|messages)|{_TEXTS}) (\w+ )?(back|again|"
        rf"up for (the )?{_TEXTS})\b"
    ),
    "turn-on": rf"\b(turn|switch) (my |the |these |your )?{_TEXTS} (back )?on\b|\bturn on (\w+ )?{_TEXTS}\b",
    "may-text": (
        rf"\b(you|u|yall) (can|may) (start )?(text|texting|txt|message) {_ME}$|\bpermission to (text|message) {_ME}\b|"
        rf"\b(les|le) doy permiso (de|para|pa) (escribir|textear|mandar)"
    ),
    "resubscribe": r"\bre ?subscribe (me|us|my|this)\b|\bunstop\b|\bopt (me )?(back )?in\b|\bsubscribe me\b",
    "want-texts-again": (
        rf"\b(want|like|wanna|need|get|receive|have|getting|receiving)( \w+){{0,4}}? {_TEXTS} (again|back|"
        rf"once more)\b"
    ),
    "otra-vez": (
        rf"\b(quiero|quisiera|deseo|pueden|puede|me gustaria)( \w+){{0,4}}? {_TEXTS} (otra vez|de nuevo|"
        rf"nuevamente)\b"
    ),
    "volver-a": (
        r"\b(volver|vuelvan|vuelva|vuelve|volvieran) a (recibir|mandar(me|nos)?|enviar(me|nos)?|"
        r"escribir(me|nos)?|textear(me|nos)?|poner(me)?|activar(me)?|suscribir(me)?)\b"
    ),
    "reactiven": (
        rf"\b(reactiv|reanud|activ|reinici|suscrib|inscrib|apunt|agreg)(en|e|a|ar|an|enme|eme|ame|arme|"
        rf"anme|ame)( \w+){{0,4}}? {_TEXTS}\b|\b(suscrib(an|a|e)me|reactiv(en|e)me|den?me de alta)\b"
    ),
}
_MACHINE = re.compile(
    r"\b(reply|text|txt|send|respond|responda|responde|envie|envia|escriba|conteste|"
    r"mande) (with )?[\"']?(stop|end|quit|cancel|alto|parar|baja|no)[\"']?"
    r"( \w+){0,2} (to|2|para|at)\b|\bstop to (opt|end|unsub|cancel|quit|stop)|\bmsg (&|and) data rates\b"
)
"""A machine that tells how to opt out, rather than a person who does."""
_TAKEN_BACK = re.compile(
    r"\b(dont|do not|never|didnt|did not|not|no|why did (you|u|yall)|not to) (\w+ ){0,2}?(stop|"
    r"unsubscribe|opt|quit|remove|take me off|dejen de|paren)\b"
    r"|\b(by accident|accident(al)?ly|by mistake|por error|sin querer|on accident|un unsubscribe|undo|didnt mean to|"
    r"keep (texting|sending|them coming)|sigan (mandando|enviando|escribiendo)|"
    r"how come|why (dont|do) (you|u|yall))\b"
    r"|\b(do not (text|contact|disturb) list|lista de no )"
)
"""Who does not want to stop: "please don't stop the reminders", "I unsubscribed by accident"."""
_NEGATED = re.compile(r"\b(no|not|dont|never|nunca|ya no)( \w+){0,3} ?$")
"""Before a wish for texts it turns it round: "do not start texting me", "no me vuelvan a escribir"."""
_COMPILED = {
    category: tuple((name, re.compile(pattern)) for name, pattern in patterns.items())
    for category, patterns in ((Category.OPT_IN, _OPT_IN), (Category.OPT_OUT, _OPT_OUT))
}


def wish(reading: Reading) -> tuple[str, Category] | None:
    """The pattern of the sentence that says whether to go on texting, and which of the two it is."""
    text = " ".join(reading.words)
    if _MACHINE.search(reading.folded):
        return None
    taken_back = _TAKEN_BACK.search(text) is not None
    for category, patterns in _COMPILED.items():
        if category is Category.OPT_OUT and taken_back:
            continue
        for name, pattern in patterns:
            if found := pattern.search(text):
                negated = category is Category.OPT_IN and _NEGATED.search(text[: found.start()])
                return name, Category.OPT_OUT if negated else category
    return None
