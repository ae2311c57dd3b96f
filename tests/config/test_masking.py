"""No token, code or address gets into a log by way of a path."""

import logging
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path, re_path
from pytest_django.fixtures import Settings

from config.masking import MaskedPaths, loggable_path


def page(request: object, **captured: object) -> HttpResponse:
    """A page that nobody opens here."""
    return HttpResponse()


urlpatterns = [
    path("", page),
    path("health", page),
    path("public/badges/<uuid:badge>", page),
    path("organizations/<slug:organization_slug>/lists/<int:number>", page),
    path("claim/<str:code>", page),
    path("earners/<str:email>/badges", page),
    re_path(r"^reset/(?P<uid>[0-9a-z]+)-(?P<key>.+)/$", page),
    re_path(r"^plain/(.+)$", page),
]
BADGE = str(UUID(int=7))


@pytest.fixture(autouse=True)
def addresses(settings: Settings) -> None:
    """The addresses of this file are the only ones."""
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize(
    ("requested", "logged"),
    [
        ("/", "/"),
        ("/health", "/health"),
        (f"/public/badges/{BADGE}", f"/public/badges/{BADGE}"),
        ("/organizations/acme/lists/12", "/organizations/acme/lists/12"),
        ("/claim/OPEN-DAY-2026", "/claim/*"),
        ("/earners/ada@example.org/badges", "/earners/*/badges"),
        ("/reset/1k-c0ffee/", "/reset/*-*/"),
        ("/plain/secret", "^plain/(.+)$"),
        ("/api/v2/client/TOKEN/badges", "/api/v2/client/*"),
        ("/claim/OPEN-DAY-2026/twice", "/claim/*"),
        ("/OPEN-DAY-2026", "/*"),
        ("/ada@example.org/", "/*"),
    ],
)
def test_path_keeps_what_is_no_secret(requested: str, logged: str) -> None:
    assert loggable_path(requested) == logged


def test_records_of_django_are_masked() -> None:
    request = RequestFactory().get("/claim/OPEN-DAY-2026?email=ada@example.org")
    arguments = ("Not Found", "/claim/OPEN-DAY-2026", 404)
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "%s: %s %s", arguments, None)
    record.request = request
    assert MaskedPaths().filter(record) is True
    assert record.getMessage() == "Not Found: /claim/* 404"


def test_other_records_stay_as_they_are() -> None:
    record = logging.LogRecord("laurel", logging.INFO, __file__, 1, "sent to %s", ("/claim/x",), None)
    assert MaskedPaths().filter(record) is True
    assert record.getMessage() == "sent to /claim/x"
