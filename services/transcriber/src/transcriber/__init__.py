"""Turns recordings into text.

`app.py` wires it, `handling.py` is the way of one recording: `fetching/` gets the file from its provider, `engine/` has
it heard by a worker process of its own, `outcome.py` makes the event that says what came of it. `audio.py`,
`speakers.py`, `blocks.py` and `engine/whisper.py` run in the worker only.
"""
