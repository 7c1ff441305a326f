"""HTML in which forgetting to escape is impossible: plain strings are text, only `element` makes markup."""

from html import escape


class Html(str):
    """Markup that is safe to send."""

    __slots__ = ()


EMPTY = frozenset({"meta"})
"""Elements without content or end tag."""


def element(tag: str, *children: str, **attributes: str) -> Html:
    """`<tag …>children</tag>`. Attributes are Python names: `class_` for `class`, `http_equiv` for `http-equiv`."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"' for name, value in attributes.items()
    )
    if tag in EMPTY:
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{''.join(map(_markup, children))}</{tag}>")


def _markup(child: str) -> str:
    return child if isinstance(child, Html) else escape(child, quote=True)
