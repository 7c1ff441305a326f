"""What patients ask of the practice's people: a call, an appointment. `wishes` hears it, `events` tells of it.

A voicemail is no request of its own: it waits on the page as a message that nobody has listened to.
"""
