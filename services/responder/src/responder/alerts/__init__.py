"""Emergencies reach the people on call, one after the other, until somebody takes them.

An alert (`events.alert.raised`) is also the timer of its escalation: its message is put off until the next step is due.
What was done so far lies in the bucket NOTICES (`book`), what comes next is decided in `escalation`, `paging` does it.
`staff` reads what people on call answer. `spoken` raises alerts for what patients say instead of write.
"""
