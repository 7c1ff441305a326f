"""Whether an answer to an alert takes it, in English or Spanish. Pure.

The whole text has to say so: "ok" takes it, "ok but I'm driving, ask Kim" does not. A wrong yes would leave a patient
alone; a wrong no only tells the next person, and how to answer.
"""

from responder.understanding.reading import Reading

_TAKES = frozenset(
    (
        *("ack", "acks", "akc", "ack it", "acknowledge", "acknowledged", "ack ack", "i ack"),
        *(
            "ok",
            "okay",
            "okey",
            "k",
            "kk",
            "ok ack",
            "yes",
            "yep",
            "yeah",
            "yes ack",
            "sure",
            "copy",
            "copy that",
            "roger",
        ),
        *(
            "take it",
            "i take it",
            "ill take it",
            "i will take it",
            "taking it",
            "i got it",
            "got it",
            "ive got it",
            "i have it",
        ),
        *(
            "on it",
            "im on it",
            "i am on it",
            "mine",
            "taken",
            "will do",
            "calling",
            "calling now",
            "i will call",
            "ill call",
        ),
        *("si", "vale", "listo", "enterado", "enterada", "recibido", "entendido", "de acuerdo", "claro"),
        *("lo tomo", "la tomo", "tomo", "yo lo tomo", "yo la tomo", "lo tengo", "yo", "voy", "yo voy", "ya voy"),
        *("me encargo", "yo me encargo", "yo llamo", "llamo", "llamo ahora", "ya llamo", "aceptar", "acepto"),
    )
)
_COURTESIES = frozenset(("please", "thanks", "thank", "you", "thx", "ty", "now", "gracias", "ahora", "ya"))
_THUMBS_UP = "\U0001f44d"


def takes_it(message: str) -> bool:
    """Whether the sender of `message` looks after the alert."""
    reading = Reading(message)
    words = reading.words
    if not words:
        return _THUMBS_UP in message
    said = " ".join(words)
    bare = " ".join(word for word in words if word not in _COURTESIES)
    return said in _TAKES or bare in _TAKES
