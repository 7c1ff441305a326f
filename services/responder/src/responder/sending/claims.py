"""At most one text per errand, whoever dies when: every errand has a claim, written before anything is sent.

A claim lives in the key-value bucket REPLIES under the errand's key and moves by compare-and-swap only:

    (none) ──────► sending ─────────► sent           the provider accepted the text
      │            │  │   └─────────► withheld       it refused it for good
      │            │  └─► in doubt ─► sent           … and its list of texts has ours
      │            │        │  └────► unknown        … and it could not be asked: staff must look
      │            ▼        ▼
      │          not sent ◄─┘ ──────► sending        it surely did not leave: one more attempt
      │             └───────────────► withheld       … or no longer wanted (STOP came in between)
      └─────────────────────────────► withheld       no text is due

Only a process that has just moved a claim *to* `sending` itself may call a provider. A process that dies

- before the claim: nothing was sent. The redelivered cause starts afresh.
- in `sending`, be it before, during or after the call: nobody here can tell whether the text left. Whoever finds the
  claim asks the provider (see `doubt`) and never sends before the answer is known.
- after `not sent`: the redelivery decides again and may try again.
- in `sent`, `withheld` or `unknown`: the claim holds the very event that tells of it, so the redelivery publishes that
  one: same id, same time, same words. As often as the cause is repeated.

Two live processes can hold the same cause (a provider's repeat, minutes later, has a stream sequence of its own; a long
pause makes the server deliver again). One wins the swap to `sending`; the other asks the provider meanwhile. Should the
first then find the claim concluded by the other, it accepts that: an outcome, once written, is the only one.

`sending` carries a random `owner`, so that a swap whose answer was lost can be told from somebody else's. When no
answer comes at all, the process calls nobody, but NATS may still write the claim later. `Claims` remembers the owners
of such swaps: this process, which alone could have used them, takes what it finds of them for `not sent`.

A text at a provider belongs to one errand: `own` writes down which one, before the claim says `sent`. So two errands
with the same words to the same number never take one text for both.
"""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from chassis.failures import Unavailable
from responder.sending.keys import message_key
from responder.sending.messages import Outcome, Outgoing, Route
from responder.store import Conflict, Store


class _Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Tried(_Claim):
    """`attempt` counts from 1 for each of the outgoing text's routes; `route` is the place of this one."""

    outgoing: Outgoing
    route: Annotated[int, Field(ge=0)] = 0
    attempt: Annotated[int, Field(ge=1)] = 1
    since: AwareDatetime

    @property
    def way(self) -> Route:
        """How it is, or was, sent."""
        return self.outgoing.routes[self.route]


class Sending(_Tried):
    """A provider is being asked to send, or was when the process died."""

    state: Literal["sending"] = "sending"
    owner: UUID = Field(default_factory=uuid4)


class InDoubt(_Tried):
    """The provider's answer left open whether the text was sent. `detail` says what came instead of one."""

    state: Literal["in_doubt"] = "in_doubt"
    detail: str


class NotSent(_Claim):
    """The last attempt surely sent nothing."""

    state: Literal["not_sent"] = "not_sent"
    route: Annotated[int, Field(ge=0)] = 0
    """The place of the route that is next; one more than the last when all were given up."""
    attempts: Annotated[int, Field(ge=0)]
    """How often that route was tried and turned this text away."""
    code: str


class Concluded(_Claim):
    """The errand has its outcome. Kept as the event itself, to be published again whenever the cause is repeated."""

    state: Literal["sent", "withheld", "unknown"]
    outcome: Annotated[Outcome, Field(discriminator="type")]


class Erased(_Claim):
    """The patient wanted to be forgotten: the errand was dealt with, and nothing else is known of it."""

    state: Literal["erased"] = "erased"


Claim = Sending | InDoubt | NotSent | Concluded | Erased
_CLAIM: TypeAdapter[Claim] = TypeAdapter(Annotated[Claim, Field(discriminator="state")])


@dataclass(frozen=True)
class Held:
    """The claim of an errand (None when nobody claimed it) and the revision that the next state has to replace."""

    key: str
    claim: Claim | None
    revision: int


class Claims:
    """The claims in the key-value bucket REPLIES, by key."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._never_used: set[UUID] = set()  # owners; few: one for each swap during an outage of NATS

    async def get(self, key: str) -> Held:
        """The claim of an errand. Raises `Unavailable`."""
        stored = await self._store.get(key)
        if stored is None:
            return Held(key, None, 0)
        claim = _CLAIM.validate_json(stored.value)
        if isinstance(claim, Sending) and claim.owner in self._never_used:
            claim = NotSent(route=claim.route, attempts=claim.attempt - 1, code="claim_unconfirmed")
        return Held(key, claim, stored.revision)

    async def move(self, held: Held, to: Claim) -> Held:
        """Replace `held` by its next state. Raises `store.Conflict` when somebody else moved it, and `Unavailable`.

        After either of them nobody may be called on the strength of `to`.
        """
        try:
            revision = await self._store.put(held.key, to.model_dump_json().encode(), held.revision)
        except Unavailable:
            if isinstance(to, Sending):
                self._never_used.add(to.owner)
            raise
        return Held(held.key, to, revision)

    async def own(self, key: str, *, provider: str, message_sid: str) -> bool:
        """Whether the text `message_sid` belongs to the errand `key`, as it does from now on unless to another.

        Raises `Unavailable`.
        """
        try:
            await self._store.put(message_key(provider, message_sid), key.encode(), 0)
        except Conflict:
            return False
        return True

    async def owner(self, *, provider: str, message_sid: str) -> str | None:
        """The errand that a text at a provider belongs to, if that is known. Raises `Unavailable`."""
        stored = await self._store.get(message_key(provider, message_sid))
        return stored.value.decode() if stored else None
