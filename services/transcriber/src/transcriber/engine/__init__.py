"""Hearing recordings: what is asked of an engine, and Whisper in a process of its own."""
