"""The language to answer in: Spanish when the words that carry a sentence are Spanish, English otherwise.

Who mixes both is answered in the language that most of the small words are in, and in English when that is even.
"""

from responder.understanding.reading import Reading, every
from responder.understanding.understood import Language

_ENGLISH = every(
    """
    the a an is are am was were be do does did have has had can could will would i im ive you u your ur my me we our
    it its this that these those what when where who which how why and or but not no dont to of in on at for from
    with w by as so if any there here please pls plz thanks thank hi hello hey yes yeah ok tomorrow today need want
    get got take takes stop help open close closed hours tooth teeth appointment appt insurance accept cancel
    reschedule book thx just sorry now still going about been one out up r yall hurts hurt pain text texts start
    """
)
_SPANISH = every(
    """
    el la los las un una unos unas es esta estan estoy soy son era fue ser estar de del en con por para pa que q qe
    cual cuando cuanto cuantos donde dnd como quien quienes porque pq y o pero si se me mi mis te tu su sus nos le
    les lo yo usted ustedes tengo tiene tienen tenia hay quiero quisiera necesito puedo pueden puede puedes hola
    buenas buenos dias tardes gracias grax porfa favor cita citas muela muelas diente dientes dolor duele hora horas
    abren cierran abierto aceptan toman seguro direccion ubicacion ayuda parar alto baja ya no mas muy hoy manana
    ahora ahorita anoche desde hasta al ese eso esa este esto ahi aqui alla llamen numero mensajes textos
    informacion senor senora doctora oficina feliz bendiciones saludos bien bueno atienden trabajan empezar iniciar
    """
)
_SPANISH_ONLY = frozenset("ñ¿¡áíóú")


def language_of(reading: Reading) -> Language:
    """The language of the text, as far as its small words tell."""
    words = reading.words
    spanish = sum(word in _SPANISH for word in words) + any(
        letter in _SPANISH_ONLY for letter in reading.original.lower()
    )
    english = sum(word in _ENGLISH for word in words)
    return "es" if spanish > english else "en"
