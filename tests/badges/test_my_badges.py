"""What a person sees of their badges, how they show them, and that nobody sees another's."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from badges.enums import Visibility
from badges.exceptions import BadgeUnknown
from badges.models import Badge, BadgeTally, BadgeTemplate, ImportedBadge
from badges.services.accepting import accept_badges
from badges.services.my_badges import list_mine, show_badge
from badges.services.paths import PathStepSpec, complete_due_paths, set_path_steps
from badges.services.revoking import revoke_badge
from badges.services.tallies import retally
from earners.models import AccountEmail, EarnerAccount
from earners.services.accounts import show_collection, take_address
from earners.services.sign_in import WRONG_CODES
from organizations.models import Organization
from organizations.pictures import prepare_picture, store_picture
from tests import factories
from tests.accounts import account_of, imported
from tests.mailbox import sign_in_mails
from tests.pictures import png
from tests.racing import race

pytestmark = pytest.mark.django_db
ADA, COUNTESS, CHARLES = "ada@example.org", "countess@example.org", "charles@example.org"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    WRONG_CODES._suspects.clear()


@pytest.fixture
def ada() -> Client:
    """A browser in which Ada is signed in."""
    return signed_in(ADA)


def signed_in(email: str) -> Client:
    """Return a browser in which an address is signed in."""
    client = Client()
    client.post("/me/sign-in", {"email": email})
    client.get(sign_in_mails()[-1].path)
    return client


def account(email: str = ADA) -> EarnerAccount:
    """Return the account of an address."""
    return AccountEmail.objects.get(email_key=email).account


def text(response: Any, status: int = 200) -> str:
    """Return the text of a page."""
    assert response.status_code == status
    return html.unescape(response.content.decode())


def titles(page: str) -> list[str]:
    """Return the titles of the badges in a list, in its order."""
    return re.findall(r'<a class="row-link"[^>]*>(.*?)</a>', page)


def test_badges_of_all_addresses_and_organizations_are_there_newest_first(
    acme: Organization, globex: Organization, ada: Client
) -> None:
    now = timezone.now()
    factories.badge(factories.template(acme, title="Weaving"), ADA, issued_at=now - timedelta(days=3))
    factories.badge(factories.template(globex, title="Steam"), COUNTESS, issued_at=now - timedelta(days=1))
    factories.badge(factories.template(globex, title="Secret"), CHARLES)
    imported(account())
    assert titles(text(ada.get("/me"))) == ["Weaving", "First aid"]

    take_address(account=account(), email=COUNTESS)

    page = text(ada.get("/me"))
    assert titles(page) == ["Steam", "Weaving", "First aid"]
    assert ADA in page
    assert COUNTESS in page
    assert CHARLES not in page
    assert "Globex College" in page


def test_badge_claimed_without_an_account_is_found_by_one_made_later(badge: Badge) -> None:
    assert not EarnerAccount.objects.exists()

    assert titles(text(signed_in(ADA).get("/me"))) == ["Data literacy"]


def test_states_are_marked(template: BadgeTemplate, ada: Client) -> None:
    now = timezone.now()
    day = timedelta(days=1)
    factories.badge(template, issued_at=now - 9 * day, expires_at=now - day)
    factories.badge(template, issued_at=now - 8 * day, expires_at=now + day)
    revoke_badge(badge=factories.badge(template, issued_at=now - 7 * day), reason="Mistake", by=None)
    factories.badge(template, issued_at=now - 6 * day, visibility=Visibility.HIDDEN)
    factories.badge(template, issued_at=now - 5 * day, visibility=Visibility.PUBLIC)
    imported(account())

    assert [(badge.status, badge.visibility, badge.is_waiting) for badge in list_mine(account())] == [
        ("not_accepted", "public", True),
        ("valid", "hidden", False),
        ("revoked", "unlisted", False),
        ("not_accepted", "unlisted", True),
        ("expired", "unlisted", True),
        ("valid", None, False),
    ]
    page = text(ada.get("/me"))
    for word in ("Expired", "Not accepted", "Revoked", "Imported", "Hidden", "Public"):
        assert word in page
    assert "3 badges wait for you" in page
    accept_badges(account=account())
    accepted = text(ada.get("/me"))
    assert "Expires soon" in accepted
    assert "wait for you" not in accepted


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("waiting", ["Weaving"]),
        ("hidden", ["Steam"]),
        ("revoked", ["Glass"]),
        ("imported", ["First aid"]),
        ("public", []),
        ("nonsense", ["Weaving", "Steam", "Glass", "First aid"]),
    ],
)
def test_list_shows_badges_in_one_state(
    acme: Organization, ada: Client, state: str, found: list[str]
) -> None:
    now = timezone.now()
    made = [
        factories.badge(factories.template(acme, title=title), issued_at=now - timedelta(days=days))
        for days, title in enumerate(("Weaving", "Steam", "Glass"))
    ]
    show_badge(account=account(), badge_id=made[1].uuid, visibility=Visibility.HIDDEN)
    revoke_badge(badge=made[2], reason="Mistake", by=None)
    imported(account())

    assert titles(text(ada.get(f"/me?state={state}"))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=WEAV", ["Weaving"]),
        ("q=globex+ste", ["Steam"]),
        ("q=%C3%89cole", ["école"]),
        ("issuer=Acme+Academy", ["école", "Weaving"]),
        ("year=2023", ["Steam"]),
        ("year=2023&issuer=Acme+Academy", []),
        ("year=x&issuer=%00", []),
        ("page=99", ["école", "Weaving", "Steam"]),
    ],
)
def test_list_is_searched_by_words_issuer_and_year(
    acme: Organization, globex: Organization, ada: Client, query: str, found: list[str]
) -> None:
    for place, title, year in ((acme, "Weaving", 2024), (globex, "Steam", 2023), (acme, "école", 2025)):
        factories.badge(factories.template(place, title=title), issued_at=datetime(year, 6, 1, tzinfo=UTC))

    page = text(ada.get(f"/me?{query}"))

    assert titles(page) == found
    assert ("None of your badges fits" in page) == (not found)


def test_day_of_a_badge_is_that_of_its_organization(acme: Organization, ada: Client) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    badge = factories.badge(factories.template(acme), issued_at=datetime(2023, 12, 31, 23, 30, tzinfo=UTC))

    assert b"1 Jan 2024" in ada.get("/me?year=2024").content
    page = ada.get(f"/me/badges/{badge.uuid}").content
    assert b"1 Jan 2024" in page
    assert b"issueYear=2024&amp;issueMonth=1&amp;" in page


def test_list_without_badges_says_what_to_do(ada: Client, badge: Badge) -> None:
    Badge.objects.update(earner=factories.badge(badge.template, CHARLES).earner)

    page = text(ada.get("/me"))

    assert "No badges here yet" in page
    assert titles(page) == []


def test_anothers_badge_answers_as_none_does(ada: Client, badge: Badge, template: BadgeTemplate) -> None:
    theirs = factories.badge(template, CHARLES)
    foreign = imported(account_of(CHARLES))

    def answers(uuid: UUID) -> list[tuple[int, bytes]]:
        """What one is told of a badge, but for the address that one asked for, which the language switch leads back to."""
        path = f"/me/badges/{uuid}"
        asked = [ada.get(path), ada.post(path, {"visibility": "hidden"}), ada.get(f"{path}/picture")]
        asked.append(ada.get(f"{path}/document"))
        return [(answer.status_code, answer.content.replace(str(uuid).encode(), b"")) for answer in asked]

    absent = answers(uuid4())
    assert [status for status, _page in absent] == [404, 404, 404, 404]
    assert [answers(theirs.uuid), answers(foreign.uuid)] == [absent, absent]
    with pytest.raises(BadgeUnknown):
        show_badge(account=account(), badge_id=theirs.uuid, visibility=Visibility.HIDDEN)

    theirs.refresh_from_db()
    assert theirs.visibility == Visibility.UNLISTED
    assert ada.post(f"/me/badges/{badge.uuid}", {"visibility": "hidden"}).status_code == 302


def test_address_that_is_not_confirmed_opens_nothing(ada: Client, badge: Badge) -> None:
    AccountEmail.objects.update(verified_at=None)

    assert titles(text(ada.get("/me"))) == []
    assert ada.get(f"/me/badges/{badge.uuid}").status_code == 404


def test_earner_says_who_sees_a_badge_and_the_figures_follow(
    acme: Organization, ada: Client, badge: Badge
) -> None:
    def counted() -> int:
        assert retally(acme) == 0
        return sum(BadgeTally.objects.values_list("public_badges", flat=True))

    stranger, page = Client(), f"/me/badges/{badge.uuid}"
    assert (counted(), stranger.get(badge.public_path).status_code) == (0, 200)
    found = []
    for chosen in ("public", "public", "hidden", "unlisted"):
        assert ada.post(page, {"visibility": chosen})["Location"] == page
        badge.refresh_from_db()
        answer = stranger.get(badge.public_path)
        found.append((badge.visibility, counted(), answer.status_code, answer.get("X-Robots-Tag")))

    assert found == [
        ("public", 1, 200, None),
        ("public", 1, 200, None),
        ("hidden", 0, 404, None),
        ("unlisted", 0, 200, "noindex"),
    ]
    assert ada.post(page, {"visibility": "everybody"}).status_code == 400


def test_revoked_badge_is_shown_or_not_and_not_counted(acme: Organization, ada: Client, badge: Badge) -> None:
    factories.badge(badge.template)  # of the same month, whose tally would tell
    revoke_badge(badge=badge, reason="Mistake", by=None)

    assert ada.post(f"/me/badges/{badge.uuid}", {"visibility": "public"}).status_code == 302

    assert retally(acme) == 0
    page = text(ada.get(f"/me/badges/{badge.uuid}"))
    assert "The reason: Mistake" in page
    assert "linkedin.com" not in page


def test_badge_of_a_disabled_organization_can_still_be_hidden(ada: Client, badge: Badge) -> None:
    Organization.objects.update(status="disabled")

    ada.post(f"/me/badges/{badge.uuid}", {"visibility": "hidden"})

    badge.refresh_from_db()
    assert badge.visibility == Visibility.HIDDEN


def test_badge_page_offers_files_that_open(ada: Client, badge: Badge) -> None:
    page = text(ada.get(f"/me/badges/{badge.uuid}"))

    links = re.findall(r'href="(/public/badges/[^"]+\?download=1)"', page)
    assert [link.partition("?")[0].rpartition("/")[2] for link in links] == [
        "certificate.pdf",
        "ob3.png",
        "ob3.svg",
        "ob3.json",
        "ob3.jwt",
        "ob2.json",
    ]
    assert {Client().get(link).status_code for link in links} == {200}
    assert "linkedin.com" in page
    assert f"/me/badges/{badge.uuid}/send" in page
    assert "<iframe src=" in page
    ada.post(f"/me/badges/{badge.uuid}", {"visibility": "hidden"})
    hidden = text(ada.get(f"/me/badges/{badge.uuid}"))
    assert "?download=1" not in hidden
    assert "linkedin.com" not in hidden


def test_imported_badge_has_a_page_and_its_picture_is_its_earners(ada: Client) -> None:
    mine = imported(account(), description="<script>alert(1)</script>")
    name = store_picture(prepare_picture(png(40, 40), allow_svg=True), folder=f"imported/{mine.uuid}")
    ImportedBadge.objects.update(image=name)

    page = ada.get(f"/me/badges/{mine.uuid}").content.decode()
    answer = ada.get(f"/me/badges/{mine.uuid}/picture")

    assert "<script>alert" not in page
    assert "Red Hospital" in page
    assert (answer.status_code, answer["Content-Type"], answer.content[:4]) == (200, "image/png", b"\x89PNG")
    assert answer["Cache-Control"] == "private, no-store"
    file = ada.get(f"/me/badges/{mine.uuid}/document")
    assert (file["Content-Disposition"], file.content) == ('attachment; filename="first-aid.json"', b"{}")
    assert signed_in(CHARLES).get(f"/me/badges/{mine.uuid}/picture").status_code == 404
    assert f"/me/badges/{mine.uuid}/picture" in text(ada.get("/me"))


def test_collection_shows_public_badges_alone(template: BadgeTemplate) -> None:
    owner = account_of(ADA)
    shown = factories.badge(template, visibility=Visibility.PUBLIC)
    factories.badge(template)
    factories.badge(template, visibility=Visibility.HIDDEN)
    revoke_badge(badge=factories.badge(template, visibility=Visibility.PUBLIC), reason="x", by=None)
    theirs = factories.badge(template, CHARLES, visibility=Visibility.PUBLIC)
    imported(owner)
    address = show_collection(account=owner, is_shown=True, name="<b>Ada</b>").collection_uuid

    answer = Client().get(f"/collections/{address}")

    page = answer.content.decode()
    assert re.findall(r'href="(/public/badges/[^"]+)"', page) == [shown.public_path]
    assert "Badges of &lt;b&gt;Ada&lt;/b&gt;" in page
    assert str(theirs.uuid) not in page
    assert ADA not in page
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer


def test_learning_path_shows_how_far_and_what_is_next(acme: Organization, ada: Client) -> None:
    first, second, third = (factories.template(acme, title=title) for title in ("One", "Two", "Three"))
    path = factories.template(acme, title="Journey", is_learning_path=True, is_unique=True)
    steps = [
        PathStepSpec(title="Begin", needed=1, templates=[first]),
        PathStepSpec(title="Go on", needed=1, templates=[second, third]),
    ]
    set_path_steps(path=path, steps=steps, in_order=False, by=None)
    assert "Journey" not in text(ada.get("/me"))
    factories.badge(first)
    factories.badge(first, CHARLES)
    factories.badge(second, CHARLES)
    complete_due_paths()

    page = " ".join(text(ada.get("/me")).split())
    other = text(signed_in(CHARLES).get("/me"))

    assert "1 of 2 steps done, at Acme Academy." in page
    assert re.search("Next:</strong> Go on – one of (Two, Three|Three, Two)<", page)
    assert "Learning paths" not in other
    assert "Journey" in titles(other)


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_so_many_queries(
    acme: Organization,
    globex: Organization,
    ada: Client,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        factories.badge(factories.template([acme, globex][number % 2], title=f"Badge {number}"))
        imported(account())

    with django_assert_num_queries(6):  # session, account, badges, imported, paths, addresses
        page = ada.get("/me")

    assert len(titles(text(page))) == 2 * count


@pytest.mark.django_db(transaction=True)
def test_many_choices_at_once_leave_the_figures_right(acme: Organization, badge: Badge) -> None:
    owner = account_of(ADA)
    chosen = [Visibility.PUBLIC, Visibility.HIDDEN, Visibility.UNLISTED]

    race(
        lambda number: show_badge(account=owner, badge_id=badge.uuid, visibility=chosen[number % 3]), times=9
    )

    assert retally(acme) == 0
