"""How a text is written, encoded and counted on its way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder import gsm7, sms


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Está cerrado; abrimos mañana. ¿Pingüino? ¡Sí!", "Esta cerrado; abrimos mañana. ¿Pingüino? ¡Si!"),
        ("José Núñez, café", "José Nuñez, café"),
        ("e\u0301 n\u0303", "é ñ"),  # decomposed, as some keyboards write it
        ("“Hi” – it’s us…", '"Hi" - it\'s us...'),
        ("À la carte, ça va, 5 €", "A la carte, ca va, 5 €"),
        ("12\u00a0Harbor St", "12 Harbor St"),
        ("Приём: 8–17", "Приём: 8–17"),  # another alphabet is left as it is
        ("Đặt lịch…", "Đặt lịch…"),
    ],
)
def test_what_is_sent_of_what_is_written(written: str, sent: str) -> None:
    assert sms.as_sent(written) == sent


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a" * 160, sms.Size("GSM-7", 160, 1)),
        ("a" * 161, sms.Size("GSM-7", 161, 2)),
        ("a" * 306, sms.Size("GSM-7", 306, 2)),
        ("a" * 307, sms.Size("GSM-7", 307, 3)),
        ("a" * 158 + "€", sms.Size("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, sms.Size("GSM-7", 306, 3)),  # the € is not cut in two
        ("я" * 70, sms.Size("UCS-2", 70, 1)),
        ("я" * 71, sms.Size("UCS-2", 71, 2)),
        ("я" * 134, sms.Size("UCS-2", 134, 2)),
        ("я" * 66 + "🦷" + "я" * 66, sms.Size("UCS-2", 134, 3)),  # nor is a pair of surrogates
        ("á", sms.Size("UCS-2", 1, 1)),
        ("", sms.Size("GSM-7", 0, 1)),
    ],
)
def test_the_size_of_a_text(text: str, size: sms.Size) -> None:
    assert sms.size(text) == size


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a" * 160, None),
        ("a" * 161, "is 161 characters long"),
        ("я" * 160, None),
        ("я" * 161, "is 161 characters long"),
        ("call us 📱", "cannot carry: 📱"),
        ("звоните 📱", None),
    ],
)
def test_what_should_not_be_sent(text: str, problem: str | None) -> None:
    found = sms.problem(text)
    assert found is None if problem is None else found is not None and problem in found


@given(st.text())
def test_a_text_is_written_in_the_alphabet_or_left_alone(text: str) -> None:
    sent = sms.as_sent(text)
    assert sent == text or not gsm7.foreign(sent)
    assert sms.as_sent(sent) == sent
    assert sms.size(sent).segments >= 1


@given(st.text(alphabet=sorted(gsm7.BASIC | gsm7.EXTENDED)))
def test_what_the_alphabet_has_is_not_changed(text: str) -> None:
    assert sms.as_sent(text) == text


@given(st.text(), st.text())
def test_more_text_never_takes_less(text: str, more: str) -> None:
    assert sms.size(text).segments <= sms.size(text + more).segments
