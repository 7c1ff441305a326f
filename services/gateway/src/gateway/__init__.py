"""The gateway: provider webhooks in, typed events out, and a 2xx only once an event is stored.

Every webhook takes the same path (`exchange.py`): read a bounded body, have the provider verify the sender, parse,
publish with a PubAck, reply as the provider expects. `webhooks.py` is where it comes in, `together.py` takes those that
are here at the same time along it, `app.py` wires it; a provider is one package under `providers/`.
"""
