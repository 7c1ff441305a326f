"""What `<Gather>` understands of what a caller does."""

from xml.etree.ElementTree import Element

from simulator.twilio.script import Input


def gathered(verb: Element, given: Input | None) -> dict[str, str] | None:
    """What `<Gather>` makes of an input; None when it does not listen to that kind."""
    kinds = verb.get("input", "dtmf").split()
    if given is None:
        return None
    if given.speech is not None and "speech" in kinds:
        language = verb.get("language", "en-US")
        return {"SpeechResult": given.speech, "Confidence": str(given.confidence), "Language": language}
    if given.digits is not None and "dtmf" in kinds:
        finish = verb.get("finishOnKey", "#")
        digits, pressed, _ = given.digits.partition(finish) if finish else (given.digits, "", "")
        most = verb.get("numDigits", "")
        return {"Digits": digits[: int(most)] if most.isdecimal() else digits, "FinishedOnKey": pressed}
    return None
