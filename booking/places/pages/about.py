"""/accessibility, /privacy and /safety: what the system does, in plain words, and to be changed with it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking.web import access, render, settings_of


@access("anyone")
async def accessibility(request: Request) -> Response:
    return render(request, "about/accessibility.html", {"title": "Accessibility"})


@access("anyone")
async def privacy(request: Request) -> Response:
    settings = settings_of(request)
    kept = {"lease_minutes": settings.places.lease_minutes, "code_minutes": settings.sign_in.code_minutes}
    return render(request, "about/privacy.html", {"title": "Privacy", **kept})


@access("anyone")
async def safety(request: Request) -> Response:
    return render(request, "about/safety.html", {"title": "Staying safe while you use this site"})


routes = [
    Route("/accessibility", accessibility, name="accessibility"),
    Route("/privacy", privacy, name="privacy"),
    Route("/safety", safety, name="safety"),
]
