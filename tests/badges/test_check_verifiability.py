"""The command that says whether badges verify elsewhere: lines, JSON, and a status for scripts."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge, StatusList
from organizations.enums import KeyAlgorithm, KeyStatus
from organizations.models import Organization, SigningKey
from organizations.services.keys import rotate_signing_key


def run(command: str, *arguments: str) -> tuple[str, int]:
    """Return what a command printed and its status."""
    output = StringIO()
    try:
        call_command(command, *arguments, stdout=output)
    except SystemExit as end:
        return output.getvalue(), int(end.code or 0)
    return output.getvalue(), 0


def test_command_prints_a_line_for_each_finding(secure: Settings, acme: Organization) -> None:
    SigningKey.objects.filter(organization=acme, algorithm=KeyAlgorithm.RSA).delete()
    text, status = run("check_verifiability", "acme", "--no-fetch")
    assert status == 1
    assert text.splitlines() == [
        "✓ This server: PUBLIC_URL is https://badges.example.org, a public https address.",
        "✓ This server: Signing keys are kept encrypted, and can be used.",
        "! This server: Mails are not sent: earners are not told of their badges."
        " Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587.",
        "✓ Acme Academy: There is an active Ed25519 key.",
        "✗ Acme Academy: There is no active RSA key, so badges cannot be had as JWT, nor as signed Open"
        " Badges 2.0. Make one in the admin, under signing keys.",
        "✓ Acme Academy: Name, website and contact address are there.",
        "",
        "1 thing must be put right before badges verify everywhere. 1 thing could be better."
        " The published addresses were not asked (--no-fetch).",
    ]


def test_command_ends_well_with_warnings_alone(secure: Settings, acme: Organization) -> None:
    text, status = run("check_verifiability", "--no-fetch")
    assert status == 0
    assert "✗" not in text


def test_command_prints_json(secure: Settings, acme: Organization) -> None:
    text, status = run("check_verifiability", "acme", "--no-fetch", "--json")
    values: dict[str, Any] = json.loads(text)
    findings = values.pop("findings")
    assert status == 0
    assert values == {
        "verifiable": True,
        "fetched": False,
        "summary": "1 thing could be better. The published addresses were not asked (--no-fetch).",
        "counts": {"ok": 5, "warning": 1, "error": 0},
    }
    assert findings[0] == {
        "code": "public_address",
        "level": "ok",
        "subject": "This server",
        "message": "PUBLIC_URL is https://badges.example.org, a public https address.",
        "advice": "",
    }


def test_command_prints_json_also_when_badges_would_be_refused(acme: Organization) -> None:
    text, status = run("check_verifiability", "acme", "--no-fetch", "--json")
    assert (status, json.loads(text)["verifiable"]) == (1, False)


def test_command_refuses_unknown_organization(acme: Organization) -> None:
    with pytest.raises(CommandError, match="acme"):
        call_command("check_verifiability", "acne", "--no-fetch")


@pytest.mark.django_db(transaction=True)
def test_command_asks_the_running_server(
    settings: Settings, live_server: LiveServer, acme: Organization
) -> None:
    settings.PUBLIC_URL = live_server.url
    text, status = run("check_verifiability", "acme", "--json")
    values = json.loads(text)
    assert (status, values["fetched"]) == (1, True)  # as the address is a local one
    assert {finding["code"]: finding["level"] for finding in values["findings"]} == {
        "public_address": "error",
        "encryption_keys": "ok",
        "mail": "warning",
        "signing_keys": "ok",
        "issuer": "ok",
        "profile": "ok",
        "signing_profile": "ok",
        "key_document": "ok",
        "badge": "ok",
        "clock": "ok",
    }


def test_lists_are_published_anew_after_their_key_was_revoked(secure: Settings, badge: Badge) -> None:
    key = SigningKey.objects.get(organization=badge.organization, algorithm=KeyAlgorithm.ED25519)
    successor = rotate_signing_key(key=key)
    # As after restoring a database in which the list was not yet published anew.
    SigningKey.objects.filter(pk=key.pk).update(status=KeyStatus.REVOKED)
    assert run("check_verifiability", "acme", "--no-fetch")[1] == 1
    assert run("publish_status_lists", "acme") == ("Lists of revoked badges signed anew: 1.\n", 0)
    assert StatusList.objects.get().signing_key == successor
    assert run("check_verifiability", "acme", "--no-fetch")[1] == 0


def test_lists_of_others_are_left_alone(secure: Settings, badge: Badge, globex: Organization) -> None:
    before = StatusList.objects.get().published_at
    assert json.loads(run("publish_status_lists", "globex", "--json")[0]) == {"count": 0}
    assert StatusList.objects.get().published_at == before
