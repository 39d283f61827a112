"""What a page may load: files of this console, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SOURCES: Final = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    # Tabler's own style sheet has its small pictures inside; a second factor's code is one too.
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
]
POLICY: Final = "; ".join(SOURCES)


class ContentPolicy:
    """Puts the policy on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
