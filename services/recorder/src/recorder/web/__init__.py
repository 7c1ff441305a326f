"""The recorder's port: the page and the JSON API, and who may see them."""

from recorder.web.app import openapi, web_app

__all__ = ["openapi", "web_app"]
