"""The machine's limit: a Starlette page that says the same 24 kB to everybody, and knows nothing."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

PAGE = "<!DOCTYPE html><title>Plain</title>" + "<p>A line of a page.</p>" * 1000


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE)


app = Starlette(routes=[Route("/", page)])
