"""The floor: a bare Django view that answers stored text by one SELECT, to hold the product's documents against."""

import os
from typing import Any

import django
import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="no secret: nothing is signed here",  # noqa: S106
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": environ.Env().db_url("DATABASE_URL") | {"CONN_MAX_AGE": 600}},
)
django.setup()

from django.db import connection  # noqa: E402

SELECT = "SELECT body FROM badges_badgedocument WHERE id = %s"
DOCUMENT = int(os.environ.get("FLOOR_DOCUMENT", "1"))


def document(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer one stored document."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [DOCUMENT])
        row: Any = cursor.fetchone()
    return HttpResponse(row[0], content_type="application/vc+ld+json")


urlpatterns = [path("document", document)]
application = get_wsgi_application()
