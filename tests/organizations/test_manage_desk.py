"""Coming in to the issuers' pages: where whoever was signed out meanwhile is led."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from organizations.models import Organization


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (
            "http://testserver/manage/{pk}/issue/batches?state=running",
            "/manage/{pk}/issue/batches?state=running",
        ),
        ("https://evil.example/manage/{pk}/issue/batches", "/manage/{pk}/"),
        ("http://testserver/accounts/logout/", "/manage/{pk}/"),
        ("http://[half", "/manage/{pk}/"),
        ("", "/manage/{pk}/"),
    ],
)
def test_form_sent_after_the_session_ended_is_told_of_and_leads_back_to_its_page(
    client: Client, acme: Organization, referer: str, back: str
) -> None:
    headers = {"Referer": referer.format(pk=acme.pk)}

    answer = client.post(reverse("manage:pause_batch", args=[acme.pk, uuid4()]), headers=headers)

    page = client.get(answer["Location"])
    assert answer.status_code == 302
    assert f'value="{back.format(pk=acme.pk)}"' in page.content.decode()
    assert "nothing was saved" in page.content.decode()


def test_page_asked_for_without_a_session_is_shown_after_signing_in(
    client: Client, acme: Organization
) -> None:
    path = reverse("manage:earners", args=[acme.pk]) + "?q=ada"

    answer = client.get(path)

    assert answer["Location"].endswith(f"?next=/manage/{acme.pk}/earners%3Fq%3Dada")
    assert not list(get_messages(answer.wsgi_request))
