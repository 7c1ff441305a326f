"""Texts that no person wrote, in English and Spanish: answering them starts a conversation between two machines. Pure.

Precision counts more than recall here: a patient who is taken for a machine gets no answer, while a machine that is
taken for a patient runs into its budget. So every pattern asks for words that only machines put together.
"""

import re
import unicodedata
from enum import StrEnum


class Machine(StrEnum):
    """What kind of machine wrote a text."""

    REACTION = "reaction"
    """A thumb on an earlier message, as phones without iMessage or RCS are told of it. It quotes that message."""
    OUT_OF_OFFICE = "out_of_office"
    DRIVING = "driving"
    AUTO_RESPONDER = "auto_responder"
    DELIVERY_NOTICE = "delivery_notice"
    VERIFICATION_CODE = "verification_code"
    BULK = "bulk"
    """It says how to unsubscribe."""


_LINES: dict[Machine, str] = {
    Machine.REACTION: r"""
        ^(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? [\w ]+ from) ?{quoted}$
        ^(reacted \S+ to|\W{1,12} to) ?{quoted}$
        ^((no )?(le|me) (gusto|encanto|disgusto)|se rio de|destaco|exclamo por|pregunto por) ?{quoted}$
        ^(reacciono con \S+ a|\W{1,12} a) ?{quoted}$
        """,
    Machine.DRIVING: r"""
        \bdriving with (do not disturb|driving focus|the focus)
        \bdo not disturb while driving\b
        \bi'?m not receiving notifications\. if this is urgent, reply
        ^(?!.*\?).*\b(i'?m|i am) (currently )?driving( right now| at the moment)?\W+(and |so |but )?(i )?{says}
        \b(estoy|voy) (conduciendo|manejando)( ahora)?\W+(y |asi que )?no puedo (contestar|responder|hablar|leer)
        \b(estoy|voy) (conduciendo|manejando)( ahora)?\W+(y )?(te|le|lo) (llamo|llamare|respondo|respondere|contesto)
        \bno molestar (mientras|al) conduc
        """,
    Machine.OUT_OF_OFFICE: r"""
        ^(auto(matic|mated)?[ -]?(reply|response)|out of office|ooo)\b
        \bout[ -]of[ -]office (reply|message|response)\b
        \b(i am|i'?m|i will be|i'?ll be) (currently )?out of (the )?office\b.{0,160}\b(return|back|respond|reply)\b
        \b(i am|i'?m) (currently )?away from my (desk|office|phone|email)\b.{0,160}\b(return|back|respond|reply)\b
        ^(respuesta automatica|fuera de (la )?oficina)\b
        \b(estoy|estare|me encuentro) fuera de (la |mi )?oficina\b
        """,
    Machine.DELIVERY_NOTICE: r"""
        \byour (message|text|sms|msg)( message)?( to \S+)? {not} {sends}
        \b(unable|failed) to (send|deliver) (your )?(message|text|sms)\b.{0,40}(block|fail|invalid|error|destination)
        ^(free ?msg|att free msg|t-?mobile)\b.{0,80}\b(unable|not|block|fail)
        \bmessage blocking is active\b
        ^(undeliverable|undelivered|mail delivery (failed|sub)|delivery (status notification|failure|has failed|report))
        \bservice access (is )?denied\b
        \bthis (number|phone|line) (does ?n'?t|does not|can'?t|cannot) {accept}
        \bthis (number|phone|line) is (unable|not able) to {accept}
        \b(su|tu) mensaje( a \S+)? no (se )?(pudo|ha podido|puede|fue)( ser)? (entregad|entregar|enviad|enviar)
        ^(mensaje no entregado|no se (pudo|ha podido) (entregar|enviar) (el|su|tu) mensaje)
        \beste numero no (acepta|recibe|puede recibir) (mensajes|textos|sms)
        """,
    Machine.VERIFICATION_CODE: r"""
        \b(verification|security|one[- ]time|login|access|authentication|2fa) (code|passcode|pin)\b(?=.*{code})
        {code} is your .{0,40}\b(code|passcode|password|pin|otp)\b
        \byour .{0,40}\b(code|passcode|otp) is:? (g-)?\d{4,8}\b
        \bcodigo (de )?(verificacion|seguridad|acceso|confirmacion)\b(?=.*{code})
        \b\d{4,8} es (tu|su) codigo\b
        """,
    Machine.BULK: r"""
        \b(reply|text|txt|send|respond)( with)? \W?(stop|end|quit|unsubscribe|cancel|optout)\W? (2|to|for) \w+
        \bstop ?(2|to) ?(end|quit|stop|cancel|unsub|opt[ -]?out)\b
        \b(msg ?(&|and) ?data|message and data) rates may apply\b
        \b(responda|responde|envie|envia|texto|conteste)( con)? \W?(stop|alto|parar|cancelar|baja|salir)\W? (para|y)\b
        \b(pueden aplicar(se)?|aplican) (tarifas|cargos) de (mensajes?|sms|datos)\b
        """,
    Machine.AUTO_RESPONDER: r"""
        \bthis is an? auto(matic|mated)?[ -]?(generated )?(message|response|reply|text|sms)\b
        \b(do not|don'?t) (reply|respond) to this (automated )?(message|text|number|sms)\b
        \bthis (number|inbox|mailbox|line|phone|account) is (not |un)[ -]?(monitored|attended|checked)
        \b{thanks} (contacting|texting|messaging|reaching|calling|your (message|text))\b.{0,200}\b{we_answer}\b
        \b{thanks} (contacting|texting|messaging|reaching|calling)\b.{0,160}(office hours|currently closed)
        \bwe (have |'?ve )?received your (message|text|inquiry|request) and (will|we'?ll|someone|our|a )
        \b(este|esto) es un (mensaje|texto|sms) (automatico|automatizado|generado automaticamente)
        \bno (responda|responder|conteste|respondas) (a )?(este|ese) (mensaje|numero|texto|sms)
        \b{gracias}\b.{0,160}\b(respond|contest|comunic|pondremos)
        \b{gracias}\b.{0,160}(en breve|horario de atencion)
        """,
}
"""One pattern a line, for what `_plain` makes of a text."""

_PARTS = {
    "{quoted}": r'(".*"|an? (image|photo|video|attachment|movie)|una (imagen|foto)|un (video|archivo))',
    "{says}": r"(can'?t|cannot|won'?t|don'?t|will|'?ll|i'?ll) (talk|text|respond|reply|answer|see|get back|call you)\b",
    "{not}": r"((could|can|was|has|did)(n'?t| not)|cannot)( yet)?",
    "{sends}": r"(be )?(been )?(deliver|send|sent|received|go through)",
    "{code}": r"\b(g-)?\d{4,8}\b",
    "{thanks}": r"(thanks|thank you) for",
    "{accept}": r"(accept|receive|support) (incoming |any )?(text|sms|message)",
    "{we_answer}": r"(we|someone|member|our \w+)\b.{0,60}\b(get back|be (in touch|with you)|respond|reply|reach)",
    "{gracias}": r"gracias por (contactar|comunicar|escribir|(su|tu) mensaje|llamar)\w*",
}


def _compiled(lines: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        lines = lines.replace(name, part)
    return re.compile("|".join(line.strip() for line in lines.strip().splitlines()))


_PATTERNS = {kind: _compiled(lines) for kind, lines in _LINES.items()}

_QUOTES = str.maketrans(
    {**dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'), **dict.fromkeys("\u2018\u2019\u02bc", "'")}
)


def machine(text: str) -> Machine | None:
    """The kind of machine that wrote `text`; None when a person may have."""
    plain = _plain(text)
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)), None)


def _plain(text: str) -> str:
    """Lower case, without accents and invisible characters, in one line, with plain quotes."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_QUOTES)).casefold()
    shown = "".join(character for character in decomposed if unicodedata.category(character) not in {"Mn", "Cf"})
    return " ".join(shown.split())
