"""What VoIP.ms expects to hear."""

from gateway.providers.base import Reply

OK = Reply(200, "text/plain", b"ok")
"""VoIP.ms API docs (url_callback_retry): without these letters the same message comes again every 30 minutes."""
