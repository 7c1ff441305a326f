"""Calls: who missed one is texted back, if the practice wants that; an emergency that is spoken raises an alert.

`call` gathers what events say of a call, in whatever order they come, and `book` keeps it. `missed` sends the text,
`deciding` whether and when. The event that ends a call is also the timer: its message is put off until the text is due.
`spoken` listens to what callers say.
"""
