"""Who may ask for what is one person's: every route of earners, for all others. A route that is not in the table fails."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver

from badges.enums import Visibility
from badges.models import Badge, BadgeShare, BadgeTemplate, ImportedBadge, Outcome, OutcomeRecord
from earners.models import AccountEmail, EarnerAccount, LoginToken, Passkey, SignIn
from earners.services.accounts import show_collection
from earners.services.tokens import WRONG_TOKENS
from organizations.models import Organization, User
from tests import factories
from tests.accounts import account_of, imported, token_of
from tests.mailbox import sign_in_mails

pytestmark = pytest.mark.django_db
ADA, COUNTESS, CHARLES = "ada@example.org", "countess@example.org", "charles@example.org"
NOBODYS = {"uuid:uuid": "00000000-0000-4000-8000-000000000000", "int": "987654321"}
OPEN, ACCOUNT, TOKEN, CALLBACK = "anybody", "who is signed in", "a login token", "a callback token"
MY_BADGE, ADDRESS, PASSKEY = (
    "me/badges/<uuid:uuid>",
    "me/account/addresses/<int:address>",
    "me/account/passkeys/<int:passkey>",
)

# Route, then what opens it and its methods.
TABLE: dict[str, tuple[str, str]] = {
    "api/v2/PwlLogin": (OPEN, "POST"),
    "api/v2/LoginWithOTP": (OPEN, "POST"),
    "api/v2/ValidateOTPCode": (OPEN, "POST"),
    "api/v2/LoginWithJWT": (OPEN, "POST"),
    "api/v2/Logout/<str:strToken>": (TOKEN, "POST"),
    "api/v2/Outcome/<str:strToken>/<str:outcomeCode>": (TOKEN, "POST"),
    "api/v2/BadgeAssignment": (CALLBACK, "POST"),
    "api/v2/Badges/<str:strToken>": (TOKEN, "GET"),
    "api/v2/Badge/<str:strToken>/<str:strBadgeID>": (TOKEN, "GET"),
    "me": (ACCOUNT, "GET"),
    "me/badges/bring": (ACCOUNT, "GET POST"),
    "me/badges/accept": (ACCOUNT, "POST"),
    f"{MY_BADGE}/accept": (ACCOUNT, "POST"),
    f"{MY_BADGE}/hide": (ACCOUNT, "POST"),
    f"{MY_BADGE}/send": (ACCOUNT, "POST"),
    f"{MY_BADGE}/remove": (ACCOUNT, "POST"),
    "me/export.zip": (ACCOUNT, "GET"),
    MY_BADGE: (ACCOUNT, "GET POST"),
    f"{MY_BADGE}/picture": (ACCOUNT, "GET"),
    f"{MY_BADGE}/document": (ACCOUNT, "GET"),
    "mail/stop/<str:signed>": (OPEN, "GET POST"),
    "collections/<uuid:uuid>": (OPEN, "GET"),
    "collections/<uuid:collection>/badges/<uuid:uuid>/picture": (OPEN, "GET"),
    "me/sign-in": (OPEN, "GET POST"),
    "me/sign-in/code": (OPEN, "GET POST"),
    "me/sign-in/link/<uuid:uuid>/<str:secret>": (OPEN, "GET POST"),
    "me/sign-in/passkey/options": (OPEN, "POST"),
    "me/sign-in/passkey": (OPEN, "POST"),
    "me/sign-in/provider": (OPEN, "POST"),
    "me/sign-in/provider/return": (OPEN, "GET"),
    "me/sign-out": (OPEN, "POST"),
    "me/account": (ACCOUNT, "GET"),
    "me/account/addresses": (ACCOUNT, "POST"),
    "me/account/addresses/code": (ACCOUNT, "GET POST"),
    f"{ADDRESS}/remove": (ACCOUNT, "POST"),
    f"{ADDRESS}/close": (ACCOUNT, "POST"),
    "me/account/addresses/provider": (ACCOUNT, "POST"),
    "me/account/passkeys/options": (ACCOUNT, "POST"),
    "me/account/passkeys": (ACCOUNT, "POST"),
    f"{PASSKEY}/name": (ACCOUNT, "POST"),
    f"{PASSKEY}/remove": (ACCOUNT, "POST"),
    "me/account/tokens/<int:token>/revoke": (ACCOUNT, "POST"),
    "me/account/sessions": (ACCOUNT, "POST"),
    "me/account/delete": (ACCOUNT, "GET POST"),
    "me/account/collection": (ACCOUNT, "POST"),
}
CALLS = [(route, method) for route, (_opens, methods) in TABLE.items() for method in methods.split()]
CHANGING = re.compile(rb'"requestID":\d+,"requestDateTime":"[^"]+"|name="csrfmiddlewaretoken" value="\w+"')
FORM = {
    "visibility": "hidden",
    "is_public": "on",
    "email": "friend@example.org",
    "name": "Mine",
    "note": "Mine",
    "text": "{}",
}


class Theirs:
    """What Ada has: two addresses, a passkey, a program, badges of both kinds, a public page, an outcome that waits."""

    def __init__(self, template: BadgeTemplate, organization: Organization) -> None:
        self.account = account_of(ADA, COUNTESS)
        self.badges = [
            factories.badge(template, ADA, visibility=Visibility.PUBLIC),
            factories.badge(template, COUNTESS),
        ]
        self.brought = imported(self.account)
        self.passkey = Passkey.objects.create(
            account=self.account, name="Her telephone", credential_id="x", credential=b"x"
        )
        self.token, self.token_text = token_of(ADA)
        self.outcome = Outcome.objects.create(organization=organization, code="exam", template=template)
        show_collection(account=self.account, is_shown=True, name="Ada L.")
        self.secrets = [ADA, COUNTESS, "Red Hospital", "Her telephone", "First aid", str(self.brought.uuid)]
        self.secrets += [str(badge.uuid) for badge in self.badges]

    def rows(self) -> list[Any]:
        """Return all that is kept of Ada."""
        kept: list[models.QuerySet[Any]] = [
            EarnerAccount.objects.filter(pk=self.account.pk),
            AccountEmail.objects.filter(account=self.account),
            Passkey.objects.filter(account=self.account),
            LoginToken.objects.filter(account=self.account),
            Badge.objects.filter(pk__in=[badge.pk for badge in self.badges]),
            ImportedBadge.objects.filter(account=self.account),
            BadgeShare.objects.filter(account=self.account),
            OutcomeRecord.objects.filter(account=self.account),
            SignIn.objects.filter(account=self.account),
        ]
        return [list(rows.values()) for rows in kept]

    def paths(self, route: str) -> list[tuple[str, str]]:
        """Return the addresses of Ada's at a route, each with that of what nobody has."""
        ids: dict[str, list[Any]] = {
            "uuid:uuid": [*(badge.uuid for badge in self.badges), self.brought.uuid],
            "int:address": list(self.account.emails.values_list("pk", flat=True)),
            "int:passkey": [self.passkey.pk],
            "int:token": [self.token.pk],
            "str:strBadgeID": [*(badge.uuid for badge in self.badges), self.brought.uuid],
        }
        route = route.replace("<uuid:collection>", str(self.account.collection_uuid))
        name = next((name for name in ids if f"<{name}>" in route), None)
        if name is None:
            return [(filled(route), filled(route))]
        absent = NOBODYS["int" if name.startswith("int") else "uuid:uuid"]
        return [
            (filled(route.replace(f"<{name}>", str(one))), filled(route.replace(f"<{name}>", absent)))
            for one in ids[name]
        ]


def filled(route: str) -> str:
    """Return the address of a route, with what nobody has in the places that are left."""
    return "/" + re.sub("<str:[a-zA-Z]+>", "nobodys", route).replace("<uuid:uuid>", NOBODYS["uuid:uuid"])


def told(client: Client, method: str, path: str) -> tuple[int, str | None, bytes]:
    """Return status, place and content of an answer, without what differs each time, and the address itself."""
    body = {"data": "{}", "content_type": "application/json"} if path.startswith("/api/") else {"data": FORM}
    with transaction.atomic():
        response: Any = client.get(path) if method == "GET" else client.post(path, **body)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)  # the next call finds all there again
    client.cookies.pop("messages", None)
    content = CHANGING.sub(b"", content)
    for written in (path, quote(path, safe=""), *re.findall("[0-9a-f]{8}-[0-9a-f-]{27}", path)):
        content = content.replace(written.encode(), b"")
    return response.status_code, response.headers.get("Location"), content


def signed_in(email: str, **options: Any) -> Client:
    """Return a browser in which an address is signed in."""
    client = Client()
    client.post("/me/sign-in", {"email": email})
    client.get(sign_in_mails()[-1].path)
    strict = Client(**options)
    strict.cookies = client.cookies
    return strict


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    WRONG_TOKENS._suspects.clear()


@pytest.fixture
def theirs(template: BadgeTemplate, acme: Organization) -> Theirs:
    """What Ada has."""
    return Theirs(template, acme)


def test_every_route_is_in_the_table() -> None:
    found = set()

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, route)
            elif re.match("me(/|$)|collections/|mail/|api/v2/(?!\\^)", route):
                found.add(route)

    walk(get_resolver().url_patterns, "")

    assert found == set(TABLE)


@pytest.mark.parametrize("who", ["nobody", "a member"])
def test_who_is_not_signed_in_as_an_earner_gets_nothing(theirs: Theirs, alice: User, who: str) -> None:
    client, before = Client(), theirs.rows()
    if who == "a member":
        client.force_login(alice)

    for route, method in CALLS:
        for path, _absent in theirs.paths(route):
            status, place, content = told(client, method, path)
            opens = TABLE[route][0]
            if opens == ACCOUNT:
                assert (status, place, content) == (302, "/me/sign-in", b""), (method, path)
            if opens in {TOKEN, CALLBACK}:
                code = b"-101" if opens == TOKEN else b"-2001"
                assert b'"resultCode":' + code in content, path
            assert status < 500, path
            assert not [secret for secret in theirs.secrets if secret.encode() in content], path

    assert theirs.rows() == before


def test_another_earner_gets_what_is_nobodys_and_changes_nothing(theirs: Theirs) -> None:
    charles, before = signed_in(CHARLES), theirs.rows()
    token = token_of(CHARLES)[1]

    for route, method in CALLS:
        opened = route.replace("<str:strToken>", token)
        for path, absent in theirs.paths(opened):
            answer = told(charles, method, path)
            if path != absent:
                assert answer == told(charles, method, absent), (method, path)
            assert answer[0] < 500, path
            assert not [secret for secret in theirs.secrets if secret.encode() in answer[2]], path

    assert theirs.rows() == before


def test_page_of_another_site_does_nothing_in_the_earners_name(theirs: Theirs) -> None:
    ada = signed_in(ADA, enforce_csrf_checks=True)
    before = theirs.rows()

    posts = [route for route, method in CALLS if method == "POST" and TABLE[route][0] == ACCOUNT]
    for route in posts:
        for path, _absent in theirs.paths(route):
            assert told(ada, "POST", path)[0] == 403, path

    assert theirs.rows() == before
    assert ada.get("/me").status_code == 200
