"""What is answered where no view answers: pages for people, the errors of its dialect for a program."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

BADGEKIT_CODES = {
    400: "BadRequestError",
    403: "NotAuthorized",
    404: "ResourceNotFound",
    500: "InternalError",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that Django itself refuses, such as one with too many fields."""
    return _for_programs(request, 400) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _for_programs(request, 403) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address."""
    return _for_programs(request, 404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the log has the reason, the answer tells nothing of the inside."""
    return _for_programs(request, 500) or defaults.server_error(request)


def _for_programs(request: HttpRequest, status: int) -> HttpResponse | None:
    """Return the error as the dialect of the path has it; None for a page."""
    body: dict[str, Any]
    if request.path.startswith("/api/"):
        body = {"message": _laravel(request, status)}
    elif request.path.startswith("/systems"):
        body = {"code": BADGEKIT_CODES[status], "message": HTTPStatus(status).phrase}
    else:
        return None
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _laravel(request: HttpRequest, status: int) -> str:
    if status == 404:
        return _("The route %(route)s could not be found.") % {"route": request.path.lstrip("/")}
    return _("Server Error") if status == 500 else HTTPStatus(status).phrase
