"""The macros that every template can call by name: the GOV.UK Design System's and our own.

Their templates look for keys that are often absent (`params.classes`), which our strict environment rightly
refuses. So they are compiled in an environment of their own, and pages get the finished macros as globals, beside
our own from templates/components/: `{{ result_card(item) }}`, `{{ govukButton({"text": "Continue"}) }}`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader
from jinja2.runtime import Macro
from markupsafe import Markup

PACKAGE = "govuk_frontend_jinja"
OURS = "components/"

COMPONENTS = {
    "govukAccordion": "accordion",
    "govukBackLink": "back-link",
    "govukBreadcrumbs": "breadcrumbs",
    "govukButton": "button",
    "govukCharacterCount": "character-count",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukExitThisPage": "exit-this-page",
    "govukFieldset": "fieldset",
    "govukFileUpload": "file-upload",
    "govukHint": "hint",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukLabel": "label",
    "govukNotificationBanner": "notification-banner",
    "govukPagination": "pagination",
    "govukPanel": "panel",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukSummaryList": "summary-list",
    "govukTable": "table",
    "govukTabs": "tabs",
    "govukTag": "tag",
    "govukTaskList": "task-list",
    "govukTextarea": "textarea",
    "govukWarningText": "warning-text",
}


@cache
def _environment() -> Environment:
    return Environment(loader=PrefixLoader({PACKAGE: PackageLoader(PACKAGE)}), autoescape=True, auto_reload=False)


@cache
def _macro(name: str) -> Callable[..., Markup]:
    template = _environment().get_template(f"{PACKAGE}/components/{COMPONENTS[name]}/macro.html")
    return getattr(template.module, name)


def _by_name(name: str) -> Callable[..., Markup]:
    def call(params: dict | None = None, **keywords) -> Markup:
        return _macro(name)({} if params is None else params, **keywords)

    call.__name__ = name
    return call


def install(environment: Environment) -> None:
    """Makes every macro, the design system's and ours in templates/components/, a global of the environment.

    Pages need no import lines, and a block that is rendered alone for htmx (which skips a page's imports) has them too.
    """
    macros: dict[str, Any] = {name: _by_name(name) for name in COMPONENTS}
    environment.globals |= macros
    for path in environment.list_templates(filter_func=lambda name: name.startswith(OURS) and name.endswith(".html")):
        module = environment.get_template(path).module
        names = [name for name in vars(module) if name[0].islower() and isinstance(getattr(module, name), Macro)]
        environment.globals.update({name: getattr(module, name) for name in names})
