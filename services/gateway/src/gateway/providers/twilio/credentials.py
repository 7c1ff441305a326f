"""The secrets that Twilio may sign a request with, and which of them count for a given one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.providers.base import Proof


@dataclass(frozen=True)
class Secret:
    """An Auth Token or the secret of a shared key."""

    value: str = field(repr=False)
    proof: Proof


@dataclass(frozen=True)
class Credentials:
    """Everything we hold. With nothing held, nothing is authentic."""

    account: tuple[Secret, ...] = ()
    """The account's Auth Token, and the next one while it is being rotated."""
    subaccounts: Mapping[str, tuple[Secret, ...]] = field(default_factory=dict)
    """Auth Tokens by AccountSid."""
    shared_keys: Mapping[str, Secret] = field(default_factory=dict)
    """Secrets by the id of the shared key."""

    @property
    def none(self) -> bool:
        """Whether we hold nothing."""
        return not (self.account or self.subaccounts or self.shared_keys)

    def tokens_of(self, account_sid: str | None) -> tuple[Secret, ...]:
        """The Auth Tokens of an account.

        Twilio docs (webhooks security): a sub-account's resources are signed with the sub-account's own token, never
        with its parent's. An AccountSid we know nothing about counts as the account itself: who can sign with its
        token could claim any, and a mistyped setting must not cost messages.
        """
        return self.subaccounts.get(account_sid, self.account) if account_sid else self.account
