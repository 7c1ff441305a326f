"""Forms are read as the standard library reads them, only sooner."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.edge.urlencoded import MAX_PARAMETERS, Form, TooManyParameters, form, pairs


@given(st.text("ab=&%+;/ é\x00\ud800%2B%E9%C3%A9%zz"))
@example("a=b=c&&=&x&%41=%4")
@example("a=%2B%2b%C3%2B%A9%%2B%2%2B1&é=%C3%2B%A9")
def test_any_text_is_read_as_the_standard_library_does(text: str) -> None:
    read = parse_qsl(text, keep_blank_values=True, errors="replace")
    assert pairs(text) == read
    assert form(text) == Form.of(read) == (dict(read), read if len(dict(read)) < len(read) else ())


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))))
def test_what_was_encoded_comes_back(given_form: list[tuple[str, str]]) -> None:
    assert pairs(urlencode(given_form)) == given_form


def test_more_than_anybody_sends_is_not_read() -> None:
    assert len(pairs("&".join(["a=b"] * MAX_PARAMETERS))) == MAX_PARAMETERS
    for read in (pairs, form):
        with pytest.raises(TooManyParameters):
            read("&" * MAX_PARAMETERS)
