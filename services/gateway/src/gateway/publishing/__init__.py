"""From parsed to durable: NATS when it answers in time, otherwise a spool on this machine's disk that drains later.

`publisher.py` decides for one webhook, `breaker.py` whether NATS is tried first at all; `drain.py` empties the spool,
`spool.py` gathers everybody's writes into few transactions, `store.py` is the file they go to, `storing.py` wires them.
"""
