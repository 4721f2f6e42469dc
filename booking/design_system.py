"""The GOV.UK Design System's own macros, as functions that our templates call by name.

Their templates look for keys that are often absent (`params.classes`), which our strict environment rightly
refuses. So they are compiled in an environment of their own, and pages get the finished macros as globals:
`{{ govukButton({"text": "Continue"}) }}`, without an import line.
"""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

PACKAGE = "govuk_frontend_jinja"

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


def macros() -> dict[str, Callable[..., Markup]]:
    """Every macro by its name, for an Environment's globals; each is compiled when it is first called."""
    return {name: _by_name(name) for name in COMPONENTS}
