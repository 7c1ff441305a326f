"""Why somebody is not let in."""


class NotSignedIn(Exception):
    """No credentials, or wrong ones; the text says which."""

    def __init__(self, detail: str, *, tried: bool) -> None:
        """`tried`: there were credentials in the request's headers."""
        super().__init__(detail)
        self.tried = tried


class NoPassword(Exception):
    """Nobody can be let in, because no password exists."""


class TooManyTries(Exception):
    """Passwords were guessed; whoever it was has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many wrong passwords: try again in {seconds} s")
        self.seconds = seconds


class NotAllowed(Exception):
    """Known, but not allowed to do this; the text says why."""
