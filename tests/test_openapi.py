"""The OpenAPI document: made without a warning, complete, and true of what the server answers, whatever is sent."""

import io
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from badges.models import BadgeTemplate, Outcome
from config.api import openapi
from config.env import BASE_DIR
from config.version import VERSION
from earners.services import create_login_token
from organizations.models import Organization
from tests.things import Things

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# A fixed number of requests for each operation, the same in every run: schemathesis makes right and wrong ones. What it
# calls coverage is left out: it tries every limit of every value, and takes minutes to make up texts of the longest kind.
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"mode": "all", "max-examples": 4, "deterministic": True, "database": "none"},
        "phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}},
    }
)
# Of BadgeKit's three scopes the issuer's: the views are the same, and an API key opens the paths of its own issuer.
TRIED = r"^/(api/v[12]/|systems$|systems/\{system_slug\}(/issuers(/\{issuer_slug\}(?!/programs/)(/.+)?)?)?$)"
DOCUMENT = openapi.document()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
SCHEMA.app = get_wsgi_application()


@pytest.fixture
def unlimited(settings: Any) -> Iterator[None]:
    """More requests than people make, all on the connection of the test."""
    settings.API_RATE_LIMIT = 0
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_document_is_made_without_a_warning() -> None:
    openapi._document.cache_clear()
    said = io.StringIO()

    with redirect_stderr(said):
        document = openapi.document()

    assert said.getvalue() == ""
    assert document["openapi"].startswith("3.1")


def test_document_has_every_route_of_the_apis() -> None:
    routes = set()

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, route)
            elif route.startswith(("api/v", "systems")) and "^" not in route:
                routes.add(
                    route.replace("<uuid:", "{")
                    .replace("<str:", "{")
                    .replace("<path:", "{")
                    .replace(">", "}")
                )

    walk(get_resolver().url_patterns, "")

    assert {f"/{route}" for route in routes} == set(DOCUMENT["paths"])


def test_operations_have_names_summaries_and_tags_of_their_own() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    tags = {tag["name"] for tag in DOCUMENT["tags"]}

    assert len(set(names)) == len(names)
    assert [name for name in names if name[-1].isdigit()] == []
    assert [operation["operationId"] for operation in operations if not operation.get("summary")] == []
    assert {tag for operation in operations for tag in operation["tags"]} == tags


@pytest.fixture
def known(things: Things, acme: Organization, template: BadgeTemplate) -> dict[str, str]:
    """What there is, by the name that paths have for it."""
    token = create_login_token(email="ada@example.org", lifetime=timedelta(hours=1))[1]
    outcome = Outcome.objects.create(organization=acme, code="finished", name="Finished", template=template)
    return {
        **{name: str(value) for name, value in things.ids.items()},
        "system_slug": acme.system.slug,
        "issuer_slug": acme.slug,
        "badge_slug": template.slug,
        "code": "hidden-code",
        "email": "ada@example.org",
        "strToken": token,
        "strBadgeID": str(things.ids["uuid"]),
        "outcomeCode": outcome.code,
    }


# The client that schemathesis sends with leaves bodies of more than 500 kB, which it keeps in files, to the collector.
@pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedRandom:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.contract
@SCHEMA.include(path_regex=TRIED).parametrize()
@settings(suppress_health_check=[*HealthCheck])  # what was made stays for the next request
def test_answers_are_as_the_document_says_whatever_is_sent(
    case: schemathesis.Case[Any], known: dict[str, str], acme_key: str, unlimited: None
) -> None:
    case.headers["Authorization"] = f"Bearer {acme_key}"

    case.call_and_validate(checks=CHECKS)
    # The same with ids of what there is, so that what is sent is looked at too.
    if named := {name: value for name, value in known.items() if name in case.path_parameters}:
        case.path_parameters |= named
        case.call_and_validate(checks=CHECKS)


def test_document_is_served_to_anybody_and_cached(client: Client) -> None:
    response = client.get("/api/openapi.json")

    assert response.status_code == 200
    assert response.json()["servers"] == [{"url": django_settings.PUBLIC_URL}]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/openapi.json", headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/api", "/api/reference"])
def test_pages_open_without_signing_in(client: Client, db: None, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert b"<script>" not in response.content
    assert b"style=" not in response.content


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]

    assert (DOCUMENT["info"]["version"], VERSION) == (project["version"], project["version"])


def test_parameters_say_what_they_do() -> None:
    silent = [
        (operation["operationId"], parameter["name"])
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]

    assert silent == []


def test_bodies_are_taken_in_all_three_encodings() -> None:
    every = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    sent = {
        operation["operationId"]: set(operation["requestBody"]["content"])
        for path, item in DOCUMENT["paths"].items()
        for operation in item.values()
        if "requestBody" in operation and not path.startswith("/api/v2/")  # JSON alone, as seed 003 has it
    }
    files_alone = {name for name, types in sent.items() if types == {"multipart/form-data"}}

    assert files_alone == {
        *(
            "setOrganizationLogo",
            "setBadgeTemplateImage",
            "setBadgeTemplateBackgroundImage",
            "importIntoEarnersList",
        )
    }
    assert {name for name, types in sent.items() if types != every} == files_alone


def test_document_is_valid_openapi() -> None:
    validate_schema(DOCUMENT)


def test_examples_are_as_their_schemas_say() -> None:
    wrong, seen = [], 0
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in holder.get("content", {}).values():
                    schema = {"components": DOCUMENT["components"], **content["schema"]}
                    for name, example in content.get("examples", {}).items():
                        seen += 1
                        wrong += [
                            (operation["operationId"], name, fault.message)
                            for fault in Draft202012Validator(schema).iter_errors(example["value"])
                        ]

    assert wrong == []
    assert seen > 100


def test_answers_that_have_an_etag_may_be_304() -> None:
    conditional = {
        operation["operationId"]
        for path, item in DOCUMENT["paths"].items()
        for operation in item.values()
        if path.startswith("/api/v1/") and "304" in operation["responses"]
    }

    assert {"getOrganization", "listBadges", "downloadBadge"} <= conditional
    assert conditional.isdisjoint({"assignBadge", "updateOrganization", "exportBadges"})


def test_json_bodies_and_answers_of_the_issuer_api_have_examples() -> None:
    bare = [
        operation["operationId"]
        for path, item in DOCUMENT["paths"].items()
        for operation in item.values()
        for status, holder in (
            ("200", operation.get("requestBody", {})),
            *operation["responses"].items(),
        )
        if path.startswith("/api/v1/") and status.startswith("2")
        if not holder.get("content", {}).get("application/json", {"examples": True}).get("examples")
    ]

    assert bare == []
