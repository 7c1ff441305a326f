"""Texts that consist of a command word: the carriers' STOP, START and HELP, in English and Spanish.

Twilio's default keywords (Twilio docs: "Advanced Opt-Out"), the spellings that other carriers add, and what Spanish
speakers write instead. A command counts as the whole message only: "stop by tomorrow" is none.
"""

from collections.abc import Sequence
from itertools import groupby

from contracts.values import Category
from responder.understanding.reading import Reading, every

_COMMANDS: dict[str, Category] = {
    **dict.fromkeys(
        (
            *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
            *("remove", "arret", "unsubscribe all", "cancel all"),
            *("parar", "pare", "paren", "para", "alto", "baja", "dar de baja", "darme de baja", "detener", "basta"),
            *("cancelar", "cancelar suscripcion", "desuscribir", "desuscribirme", "no mas", "salir", "terminar"),
        ),
        Category.OPT_OUT,
    ),
    **dict.fromkeys(
        (
            *("start", "unstop", "optin", "opt in", "subscribe", "resubscribe"),
            *(
                "empezar",
                "comenzar",
                "iniciar",
                "reanudar",
                "reactivar",
                "alta",
                "dar de alta",
                "suscribir",
                "suscribirme",
            ),
        ),
        Category.OPT_IN,
    ),
    **dict.fromkeys(("help", "info", "ayuda", "informacion"), Category.HELP),
}
_MISSPELT = {
    **dict.fromkeys(("sotp", "stpo", "stp", "stoop", "stopp", "stopt", "satop", "sttop", "ustop"), "stop"),
    **dict.fromkeys(
        ("unsubcribe", "unsuscribe", "unsubscibe", "unsubscribed", "unsubscirbe", "unsubsribe"), "unsubscribe"
    ),
    **dict.fromkeys(("unstopp", "untsop"), "unstop"),
    **dict.fromkeys(("hlep", "halp", "hepl"), "help"),
    **dict.fromkeys(("alluda", "aiuda", "ayudaa"), "ayuda"),
}
_COURTESIES = every(
    """
    please pls plz plis porfa porfavor favor por thanks thank you thx ty gracias now ya ahora
    """
)
_PLAIN = frozenset(
    {
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "optout",
        "opt out",
        "parar",
        "pare",
        "start",
        "unstop",
        "help",
        "info",
    }
    | {"ayuda"}
)
"""Commands that stay one with a "please". "Cancel please" does not: it may well be about a visit."""


def command(reading: Reading) -> tuple[str, Category] | None:
    """The command that the whole text is, and what it asks for."""
    words = _spelt(reading.words)
    said = " ".join(words)
    if said in _COMMANDS:
        return said, _COMMANDS[said]
    bare = " ".join(word for word in words if word not in _COURTESIES)
    return (bare, _COMMANDS[bare]) if bare in _PLAIN else None


def says_yes(text: str) -> bool:
    """Whether the whole message is YES: it opts in somebody who is opted out, and is an ordinary text otherwise."""
    return Reading(text).words == ("yes",)


def _spelt(words: Sequence[str]) -> list[str]:
    """`S T O P` and `stop stop STOPP` → `stop`."""
    if len(words) > 2 and all(len(word) == 1 for word in words):
        words = ["".join(words)]
    return [word for word, _ in groupby(_MISSPELT.get(word, word) for word in words)]
