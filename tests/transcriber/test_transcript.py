"""Words become utterances of speakers in the order of the call."""

from hypothesis import given
from hypothesis import strategies as st

from transcriber.languages import Guess, likeliest, settle
from transcriber.transcript import Transcript, Word, compose


def word(text: str, start: float, end: float, speaker: str = "channel_1", language: str = "en") -> Word:
    return Word(start, end, f" {text}", 0.9, speaker, language)


def transcript(*words: Word) -> Transcript:
    return compose(words, audio_seconds=10)


def test_speakers_take_turns_where_they_pause() -> None:
    heard = transcript(
        word("Bright", 0.4, 0.8),
        word("Harbor.", 0.8, 1.2),
        word("Friday?", 4.0, 4.5),
        word("Hello,", 1.5, 1.9, "channel_2"),
        word("Kevin", 2.0, 2.4, "channel_2"),
        word("here.", 2.5, 2.9, "channel_2"),
    )
    assert heard.text == "channel_1: Bright Harbor.\nchannel_2: Hello, Kevin here.\nchannel_1: Friday?"


def test_the_end_of_a_sentence_needs_a_shorter_pause_than_the_middle_of_one() -> None:
    assert [s.text for s in transcript(word("Yes.", 0, 1), word("Friday", 1.4, 2)).segments] == ["Yes.", "Friday"]
    assert [s.text for s in transcript(word("Yes", 0, 1), word("Friday", 1.4, 2)).segments] == ["Yes Friday"]


def test_one_speaker_is_running_text_without_a_name() -> None:
    assert transcript(word("One.", 0, 1), word("Two.", 5, 6)).text == "One. Two."


def test_no_words_are_no_text_no_language_and_no_confidence() -> None:
    assert transcript() == Transcript(
        segments=(), language=None, confidence=None, audio_seconds=10, damaged=False, truncated=False
    )
    assert transcript().text == ""


def test_the_language_is_the_one_most_words_are_in() -> None:
    heard = transcript(
        word("Hello", 0, 1), word("buenos", 2, 3, "channel_2", "es"), word("días", 3, 4, "channel_2", "es")
    )
    assert heard.language == "es"


TIMES = st.floats(0, 7200, allow_nan=False)
WORDS = st.builds(
    Word,
    start=TIMES,
    end=TIMES,
    text=st.text("ab .?", min_size=1, max_size=5),
    probability=st.floats(-0.1, 1.1),
    speaker=st.sampled_from(["channel_1", "channel_2"]),
    language=st.sampled_from(["en", "es"]),
)


@given(st.lists(WORDS, max_size=40))
def test_no_word_is_lost_or_doubled_and_every_utterance_is_valid(words: list[Word]) -> None:
    heard = compose(words, audio_seconds=7200)

    def letters(texts: list[str]) -> list[str]:
        return sorted("".join(texts).replace(" ", ""))

    for speaker in ("channel_1", "channel_2"):
        said = [w.text for w in words if w.speaker == speaker]
        assert letters(said) == letters([s.text for s in heard.segments if s.speaker == speaker])
    assert list(heard.segments) == sorted(heard.segments, key=lambda s: (s.start, s.end))
    assert all(s.end >= s.start and 0 <= (s.confidence or 0) <= 1 for s in heard.segments)


def test_only_the_languages_of_the_practice_are_considered() -> None:
    assert likeliest([("cy", 0.5), ("es", 0.3), ("en", 0.2)]) == Guess("es", 0.3)
    assert likeliest([("cy", 1.0)]).probability == 0


def test_an_unsure_channel_takes_the_language_of_the_surer_one() -> None:
    assert settle({"a": Guess("en", 0.95), "b": Guess("es", 0.55)}) == {"a": "en", "b": "en"}
    assert settle({"a": Guess("en", 0.95), "b": Guess("es", 0.65)}) == {"a": "en", "b": "es"}
    assert settle({}) == {}
