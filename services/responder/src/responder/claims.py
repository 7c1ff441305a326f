"""At most one reply per text, whoever dies when: every text has a claim, written before anything is sent.

A claim lives in the key-value bucket REPLIES under the event's id and only ever moves forward, by compare-and-swap:

    (none) ──────► sending ──► sent                 the provider accepted the reply
      │             │   │ └──► unknown              the reply may or may not have left
      │             │   └────► withheld             the provider refused it for good
      │             ▼
      │          not_sent ──► sending               it surely did not leave; one more attempt
      │             └───────► withheld              … or no longer wanted (STOP came in between)
      └─────────────────────► withheld              no reply is due

Only a process that has just moved a claim *to* `sending` itself may call a provider. A process that dies

- before the claim: nothing happened but alerts and consent, whose events have deterministic ids. The redelivered text
  starts afresh, and repeats of those events are dropped by whoever gets them.
- after `sending`, before or during the call, or after it before the result is written: nobody can tell whether the
  patient got the text. The redelivery finds `sending` and never sends: the outcome is `unknown`, staff are told.
- after `not_sent`: the redelivery decides again and may try again.
- after `sent`, `withheld` or `unknown`, before the event is published: the claim holds the very event, so the
  redelivery publishes that one: same id, same time, same words. As often as the text is repeated.

Two live processes can hold the same text (a provider's repeat, minutes later, has a stream sequence of its own; a long
pause makes the server deliver again). One wins the swap to `sending`. The other must not call the outcome unknown while
the first is still on the phone: for `SENDING_TAKES` it waits. Should the first take even longer and find the claim
concluded by the other, it accepts that: an outcome, once written, is the only one. Clocks that disagree can make this
wait too short, so that a text is called unknown although it was sent; they cannot cause a second one.

`sending` carries a random `owner`, so that a swap whose answer was lost can be told from somebody else's. When no
answer comes at all, the process calls nobody, but NATS may still write the claim later. `Claims` remembers the owners
of such swaps: this process, which alone could have used them, takes what it finds of them for `not_sent`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from chassis.failures import Unavailable
from contracts.sms import SmsSent, SmsSuppressed
from contracts.values import Category
from responder.store import Store

SENDING_TAKES = timedelta(seconds=15)
"""After this long a claim in `sending` was left behind: a send ends within `senders.http.TOTAL_SECONDS`."""

Outcome = SmsSent | SmsSuppressed
"""How a text ends; every text has exactly one."""


class _Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Sending(_Claim):
    """A provider is being asked to send the reply, or was when the process died. `attempt` counts from 1."""

    state: Literal["sending"] = "sending"
    category: Category
    attempt: Annotated[int, Field(ge=1)]
    since: AwareDatetime
    owner: UUID = Field(default_factory=uuid4)

    def is_left_behind(self, now: datetime) -> bool:
        """Whether nobody can be working on it any more."""
        return now - self.since > SENDING_TAKES


class NotSent(_Claim):
    """The last attempt surely sent nothing."""

    state: Literal["not_sent"] = "not_sent"
    attempts: Annotated[int, Field(ge=0)]
    """How often a provider turned this text away; 0 when it never came to that."""
    code: str


class Concluded(_Claim):
    """The text has its outcome. Kept as the event itself, to be published again whenever the text is repeated."""

    state: Literal["sent", "withheld", "unknown"]
    outcome: Annotated[Outcome, Field(discriminator="type")]


Claim = Sending | NotSent | Concluded
_CLAIM: TypeAdapter[Claim] = TypeAdapter(Annotated[Claim, Field(discriminator="state")])


@dataclass(frozen=True)
class Held:
    """The claim of a text (None when nobody claimed it) and the revision that the next state has to replace."""

    claim: Claim | None
    revision: int


class Claims:
    """The claims in the key-value bucket REPLIES, by event id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._never_used: set[UUID] = set()  # owners; few: one for each swap during an outage of NATS

    async def get(self, event_id: UUID) -> Held:
        """The claim of a text. Raises `Unavailable`."""
        stored = await self._store.get(str(event_id))
        if stored is None:
            return Held(None, 0)
        claim = _CLAIM.validate_json(stored.value)
        if isinstance(claim, Sending) and claim.owner in self._never_used:
            claim = NotSent(attempts=claim.attempt - 1, code="claim_unconfirmed")
        return Held(claim, stored.revision)

    async def move(self, event_id: UUID, held: Held, to: Claim) -> Held:
        """Replace `held` by its next state. Raises `store.Conflict` when somebody else moved it, and `Unavailable`.

        After either of them nobody may be called on the strength of `to`.
        """
        try:
            revision = await self._store.put(str(event_id), to.model_dump_json().encode(), held.revision)
        except Unavailable:
            if isinstance(to, Sending):
                self._never_used.add(to.owner)
            raise
        return Held(to, revision)
