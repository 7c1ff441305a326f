"""Sending a text exactly once, whoever dies when. `outbox` is the way in, `messages` its vocabulary."""
