"""Forms are read as the standard library reads them, only sooner."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.edge.urlencoded import MAX_PARAMETERS, TooManyParameters, pairs


@given(st.text("ab=&%+;/ é\x00\ud800%2B%E9%C3%A9%zz"))
@example("a=b=c&&=&x&%41=%4")
def test_any_text_is_read_as_the_standard_library_does(text: str) -> None:
    assert pairs(text) == parse_qsl(text, keep_blank_values=True, errors="replace")


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))))
def test_what_was_encoded_comes_back(form: list[tuple[str, str]]) -> None:
    assert pairs(urlencode(form)) == form


def test_more_than_anybody_sends_is_not_read() -> None:
    assert len(pairs("&".join(["a=b"] * MAX_PARAMETERS))) == MAX_PARAMETERS
    with pytest.raises(TooManyParameters):
        pairs("&" * MAX_PARAMETERS)
