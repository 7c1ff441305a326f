"""Where a browser may be sent."""


def local(path: str) -> str:
    """`path` when it leads to a page of ours, otherwise the first one: a link must not send people elsewhere."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if safe else "/"
