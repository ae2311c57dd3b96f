"""The pages of the organization's settings."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from organizations.enums import MailStopReason, MessageKind, Role
from organizations.models import AuditEntry, MailStop, Message, Organization, User
from organizations.models.organizations import BILLING_KEYS
from tests import factories
from tests.at_work import Member
from tests.pictures import png


def profile(**changes: Any) -> dict[str, Any]:
    """Return the form as a browser sends it for acme, with changes."""
    return {
        "name": "Acme Academy",
        "type": "private_other",
        "activity": "other",
        "language": "en",
        "time_zone": "UTC",
        "website": "https://organization.example.org",
        "contact_info__email": "badges@organization.example.org",
        **changes,
    }


def test_profile_is_changed_and_noted(acme: Organization, alice: User) -> None:
    page = Member(alice, acme).post(
        "settings",
        **profile(
            name="Acme University",
            time_zone="Europe/Rome",
            billing_info__vat="IT123",
            address_info__city="Rome",
        ),
        follow=True,
    )

    assert "Saved." in page.content.decode()
    acme.refresh_from_db()
    assert (acme.name, acme.time_zone, acme.address_info["city"]) == (
        "Acme University",
        "Europe/Rome",
        "Rome",
    )
    assert acme.billing_info == dict.fromkeys(BILLING_KEYS) | {"vat": "IT123"}
    details = AuditEntry.objects.get(act="organization.changed").details
    assert details["name"] == ["Acme Academy", "Acme University"]
    assert details["billing_info.vat"] == [None, "IT123"]


def test_what_staff_alone_set_is_not_taken(acme: Organization, alice: User) -> None:
    before = dict(Organization.objects.values().get(pk=acme.pk))

    Member(alice, acme).post(
        "settings",
        **profile(
            status="disabled",
            credits_left="1000",
            max_users="99",
            subscription_status="active",
            stripe_customer_id="cus_1",
            badges_count="7",
            slug="other",
            uuid="00000000-0000-4000-8000-000000000000",
            is_system_itself="1",
            system="1",
        ),
    )

    after = dict(Organization.objects.values().get(pk=acme.pk))
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"updated_at", "address_info", "billing_info", "contact_info"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Enter the name"),
        ({"website": "javascript:alert(1)"}, "not a valid web address"),
        ({"color_primary": "red"}, "#1D6B50"),
        ({"contact_info__email": "nobody"}, "not a valid e-mail"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
    ],
)
def test_refused_profile_keeps_what_was_typed(
    acme: Organization, alice: User, changes: dict[str, Any], words: str
) -> None:
    page = Member(alice, acme).post("settings", **profile(address_info__city="Typed", **changes))

    assert page.status_code == 400
    assert words in page.content.decode()
    assert 'value="Typed"' in page.content.decode()
    acme.refresh_from_db()
    assert (acme.name, acme.address_info) == ("Acme Academy", {})


def test_logo_is_stored_shown_and_taken_off(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    member.post("settings", **profile(logo=SimpleUploadedFile("logo.png", png(300, 300), "image/png")))

    acme.refresh_from_db()
    assert acme.logo
    assert f"{acme.public_path}/logo.png" in member.get("settings").content.decode()
    member.post("settings", **profile(remove_logo="on"))
    acme.refresh_from_db()
    assert not acme.logo


def test_file_that_is_no_picture_changes_nothing(acme: Organization, alice: User) -> None:
    file = SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")

    page = Member(alice, acme).post("settings", **profile(name="Changed", logo=file))

    assert page.status_code == 400
    acme.refresh_from_db()
    assert (acme.name, bool(acme.logo)) == ("Acme Academy", False)


def test_hostile_description_is_harmless(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    member.post(
        "settings", **profile(name="<script>x</script>", description="<p onclick=x>Hi<script>x</script></p>")
    )

    acme.refresh_from_db()
    assert acme.description == "<p>Hi</p>"
    for page in (member.get("settings"), member.client.get(acme.public_path)):
        assert b"<script>x" not in page.content


def test_public_switches_are_settled(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    member.post("public_settings", public_learning_paths="on")

    acme.refresh_from_db()
    assert (acme.public_profile, acme.public_learning_paths, acme.public_badge_types) == (False, True, False)


def test_account_deletion_is_settled(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    assert member.post("mail_settings", account_deletion="burn").status_code == 400
    member.post("mail_settings", account_deletion="anonymise")

    acme.refresh_from_db()
    assert acme.account_deletion == "anonymise"


def test_failed_mail_is_sent_again(acme: Organization, globex: Organization, alice: User) -> None:
    badge = factories.badge(factories.template(acme))
    Message.objects.filter(subject=badge.uuid).update(given_up_at=badge.issued_at, last_error="550 <b>no</b>")
    message = Message.objects.get(subject=badge.uuid)
    theirs = Message.objects.create(
        organization=globex,
        kind=MessageKind.MEMBER_ADDED,
        subject=globex.uuid,
        recipient="them@globex.example",
    )
    member = Member(alice, acme)
    page = member.get("mail_settings").content.decode()
    assert "550 &lt;b&gt;no" in page
    assert "them@globex.example" not in page

    member.post("retry_mail", message.pk)

    message.refresh_from_db()
    assert message.given_up_at is None
    assert member.post("retry_mail", theirs.pk).status_code == 404


def test_people_who_want_no_mails_are_shown(acme: Organization, globex: Organization, alice: User) -> None:
    for organization, name in ((acme, "ours"), (globex, "theirs")):
        MailStop.objects.create(
            organization=organization, email_key=f"{name}@example.org", reason=MailStopReason.UNSUBSCRIBED
        )

    page = Member(alice, acme).get("mail_settings").content.decode()

    assert "ours@example.org" in page
    assert "theirs@example.org" not in page


def test_disabled_organization_is_shown_and_not_changed(acme: Organization, alice: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    member = Member(alice, acme)

    page = member.post("settings", **profile(name="Changed"))

    assert page.status_code == 400
    assert "disabled" in page.content.decode()
    assert member.get("settings").status_code == 200
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_viewer_reads_and_cannot_save(acme: Organization) -> None:
    viewer = Member(factories.member(acme, Role.VIEWER, "viewer@acme.example"), acme)

    page = viewer.get("settings").content.decode()

    assert "Acme Academy" in page
    assert ">Save<" not in page
    assert viewer.post("settings", **profile(name="Changed")).status_code == 403
