"""The JSON API under /api: routes that ask `recorder.web.reading` and answer its models."""
