"""Words that mean the same to a front desk, in English and Spanish: `cita`, `turno`, `hueco` and `slot` are a concept.

The model learns what a concept and a pair of them are about, so that a word it has seldom met still counts.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from responder.understanding.reading import Reading

_CONCEPTS = {
    "visit": (
        r"app?t?s?|apo?intments?|aptmnts?|apptmts?|citas?|citica|sita|turno?s?|slots?|openings?|spots?|huec(o|os|ito)|"
        r"huequito|campo|espacio|cupo|availability|available|disponib\w+|consult\w*|visits?|visita|followup|walkins?"
    ),
    "book": (
        r"book\w*|schedul\w*|resched\w*|agend\w*|reagend\w*|apart\w+|anot(a|e|en|ar|eme|enme)|reserv\w+|sacar|program\w+|"
        r"fit|squeeze|move|push|bump|switch|mov(er|ido)|muev\w+|cambi\w+|pasar|postpone|waitlist"
    ),
    "cancel": r"cancel\w*|suspend\w+|skip",
    "attend": (
        r"confirm\w*|coming|attend\w*|asist\w+|ire|iremos|voy|vamos|lleg(o|ar|amos|ue|ando)|late|tarde|running|eta|stuck|"
        r"atras\w+|parked|outside|traffic|trafico|tapon|camino"
    ),
    "treatment": (
        r"cleanings?|limpiez\w+|limpiesa|checkups?|chequeo|exam|fillings?|empastes?|rellenos?|resinas?|crowns?|coronas?|"
        r"implant\w*|canal|endodoncia|braces|brackets?|whiten\w*|blanque\w*|veneers?|carillas?|extracc?t?ion(es|s)?|"
        r"dentures?|dentaduras?|invisalign|aligners?|alineadores|retainers?|retenedor|bridge|puente|partial|surgery|cirugia"
    ),
    "mouth": (
        r"tooth|teeth|molars?|muel\w+|diente\w*|dientecito|colmillos?|gums?|encias?|jaw|quijada|mandibula|cheeks?|"
        r"cachetes?|mouth|boca|face|cara|lips?|labios?|tongue|lengua|cordal\w*|wisdom"
    ),
    "drug": (
        r"advil|tylenol|motrin|ibuprofen\w*|aleve|painkillers?|meds?|medicin\w+|pastillas?|pills?|antibiotic\w*|"
        r"amoxi\w*|norco|orajel|ketorolaco|naproxen\w*|paracetamol|acetamin\w*|clinda\w*"
    ),
    "bodily": (
        r"sleep|slept|eat|chew\w*|swallow\w*|breathe|dormir|dormi|comer|mastic\w+|tragar|respirar|bit(e|ing)|morder"
    ),
    "open": (
        r"open|opens|opn|opened|close[ds]?|closing|hours|hrs|abr(en|e|iran|ieron|imos)|abiert\w+|cierr\w+|cerr\w+|sierran|"
        r"horarios?|weekends?|holidays?|feriados?|festivos?|atienden|trabajan"
    ),
    "until": r"until|til|till|latest|cutoff|hasta|earliest|temprano",
    "when": r"when|time|day|days|cuando|dia|dias|hora|horas|week|semana|today|hoy|tomorrow|tmrw|manana",
    "place": (
        r"where|addres+|adres+|addy|located|location|directions?|street|suite|floor|parking|entrance|building|gps|waze|"
        r"maps?|pin|near|landmark|exit|plaza|lost|perdid[oa]|donde|dnd|direccion|ubica\w+|queda(n)?|calle|piso|edificio|"
        r"estacion\w+|parqueo|parquear|entrada|salida|esquina"
    ),
    "plan": (
        r"insur\w+|plans?|coverage|cover(s|ed)?|network|copay\w*|deductible|claims?|benefits?|policy|member|subscriber|"
        r"eob|preauth\w*|preapprov\w*|medicaid|medicare|seguros?|aseguran[zs]as?|cobertura|cubr\w+|reclamo|"
        r"deducible|copago|poliza|beneficios|uninsured"
    ),
    "money": (
        r"costs?|prices?|charge[ds]?|bill(s|ed|ing)?|pay\w*|owe|balance|refund|cash|zelle|venmo|discounts?|cuanto|"
        r"cuesta|sale|cobr\w+|precios?|pag(o|ar|ue|os|an)|factura|saldo|debo|descuento|abonos|cuotas|financing"
    ),
    "paper": (
        r"records?|files?|chart|email\w*|fax|forms?|paperwork|papers|note|letter|excus[ea]|receipt|statement|copy|results?|"
        r"report|referral|prescription|script|refill|rx|pharmacy|lab|expediente|recetas?|farmacia|resultados|papeles|"
        r"justificante|constancia|carta|recibo|copia|placas|radiograf\w+|xrays?"
    ),
    "texts": (
        r"texts?|txts?|texting|texte\w+|messag\w+|msgs?|sms|reminders?|notif\w+|alerts?|mensaj\w+|textos?|recordatorios?|"
        r"avisos?|lista?|number|numero"
    ),
    "stop": (
        r"stop\w*|quit|remov\w+|unsub\w+|delete|erase|enough|dejen\w*|paren|quit(en|enme|eme|ar)|borr\w+|elimin\w+|"
        r"baja|basta|saquen\w*|revok\w+|revoco|consent\w*"
    ),
    "again": (
        r"again|back|resume|restart|reactiv\w+|undo|accident\w*|mistake|volver|vuelv\w+|nuevo|alta|disregard|unblock|"
        r"resubscribe|enable|activ(ar|en|e)"
    ),
    "who": r"who|whos|whose|quien|quienes",
    "call": r"call(s|ed|ing)?|voicemail|rang|llam\w+|marcaron",
    "person": r"human|person|someone|somebody|anyone|representative|persona|alguien|robot|bot|automated",
    "thanks": r"thank\w*|thx|ty|gracias|appreciate|agradezco|bendiciones|bless",
    "kin": (
        r"mom|mami|mama|dad|papi|babe|bro|sis|honey|hun|mij[oa]|girl|amor|comadre|grandma|abuela|coach|boss|kids?|wife|"
        r"husband|espos[oa]|hij[oa]s?|nin[oa]s?|son|daughter"
    ),
    "elsewhere": (
        r"home|store|dinner|party|game|practice|gym|movie|pizza|car|truck|church|groceries|milk|house|casa|tienda|cena|"
        r"fiesta|juego|carro|pan|coffee|cafe|birthday|cumple\w*|rent|landlord|plumber|mechanic"
    ),
    "body": (
        r"ankle|knee|back|stomach|tummy|shoulder|wrist|finger|toe|foot|leg|elbow|head|belly|tobillo|rodilla|espalda|panza|"
        r"barriga|estomago|hombro|muneca|dedo|pie|pierna|cabeza"
    ),
    "offer": (r"free|click|offers?|guarante\w+|loans?|qualif\w+|promo\w*|business|marketing|website|invest\w*|claim"),
}
_COMPILED = {name: re.compile(words) for name, words in _CONCEPTS.items()}


def concepts(reading: Reading) -> Iterator[str]:
    """The concepts of a text in the order in which they come up, each once."""
    return iter(dict.fromkeys(name for word in reading.words for name in _of(word)))


@lru_cache(maxsize=16384)
def _of(word: str) -> tuple[str, ...]:
    return tuple(name for name, words in _COMPILED.items() if words.fullmatch(word))
