"""The pages of planning: programmes, runs, drafts; joined in booking/programmes/pages."""

from starlette.routing import BaseRoute

from booking.programmes.pages.planning import adding, decide, draft, find, home, new, programmes, publishing, run

routes: list[BaseRoute] = [
    *home.routes,
    *find.routes,
    *new.routes,
    *publishing.routes,
    *draft.routes,
    *run.routes,
    *decide.routes,
    *adding.routes,
    *programmes.routes,
]
