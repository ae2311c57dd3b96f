"""The staff's pages of organizations, systems, wallet and outbox: all goes through services, with history."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from organizations.enums import CreditKind, CreditStatus, KeyAlgorithm, MessageKind, Role
from organizations.models import (
    ApiKey,
    CreditTransaction,
    Membership,
    Message,
    Organization,
    Program,
    SigningKey,
    System,
    User,
)
from organizations.pictures import rendition_names
from organizations.services.wallet import ledger_balance, request_credits
from tests import factories
from tests.staff import act, browser_of, form_values, history, said, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def picture(colour: str = "green") -> SimpleUploadedFile:
    """Return an upload of a small PNG."""
    content = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(content, "PNG")
    return SimpleUploadedFile("logo.png", content.getvalue(), "image/png")


def new_organization(system: System, **values: object) -> Mapping[str, Any]:
    """Return a filled form of a new organization."""
    return {
        "system": system.pk,
        "name": "Initech Institute",
        "type": "public_local_national",
        "activity": "school",
        "language": "it",
        "time_zone": "Europe/Rome",
        "public_profile": "on",
        "contact_info.email": "badges@initech.example",
        "address_info.city": "Turin",
    } | values


def test_organization_is_created_by_the_service(staff_client: Client, system: System, charlie: User) -> None:
    values = new_organization(
        system, owner=charlie.pk, logo=picture(), max_users="5", description="<b>x</b><script>1</script>"
    )
    response = staff_client.post(url(Organization, "add"), values)
    assert response.status_code == 302, response.context["errors"]
    organization = Organization.objects.get(slug="initech-institute")
    assert organization.contact_info == {"email": "badges@initech.example"}
    assert organization.address_info == {"city": "Turin"}
    assert (organization.language, organization.time_zone, organization.max_users) == ("it", "Europe/Rome", 5)
    assert "script" not in organization.description
    assert organization.public_badge_templates is False
    assert {key.algorithm for key in organization.signing_keys.active()} == set(KeyAlgorithm)
    assert list(organization.memberships.values_list("user", "role")) == [(charlie.pk, Role.OWNER)]
    logo = str(organization.logo.name)
    assert logo.startswith(f"organizations/{organization.uuid}/organization-logos/")
    assert default_storage.exists(rendition_names(logo).thumbnail)
    assert history(organization) == [(ADDITION, "Added.")]


def test_refusal_stands_beside_the_field_and_leaves_nothing(staff_client: Client, acme: Organization) -> None:
    before = (Organization.objects.count(), SigningKey.objects.count(), LogEntry.objects.count())
    refused: dict[str, tuple[dict[str, object], str]] = {
        "slug": ({"slug": "acme"}, "__all__"),
        "part": ({"contact_info.email": "nobody"}, "contact_info.email"),
        "picture": ({"logo": SimpleUploadedFile("logo.png", b"<html>", "image/png")}, "logo"),
        "limit": ({"max_users": "0", "owner": User.objects.get(is_staff=True).pk}, "max_users"),
    }
    for name, (values, field) in refused.items():
        response = staff_client.post(url(Organization, "add"), new_organization(acme.system, **values))
        assert response.status_code == 200, name
        assert list(response.context["adminform"].form.errors) == [field], name
        assert (
            Organization.objects.count(),
            SigningKey.objects.count(),
            LogEntry.objects.count(),
        ) == before, name
        assert not said(response), name


def test_picture_of_a_refused_form_is_not_kept(staff_client: Client, acme: Organization) -> None:
    """The logo is stored before the limit of members refuses the whole."""
    values = new_organization(
        acme.system, logo=picture(), max_users="0", owner=User.objects.get(is_staff=True).pk
    )
    before = _files()
    response = staff_client.post(url(Organization, "add"), values)
    assert list(response.context["adminform"].form.errors) == ["max_users"]
    assert _files() == before


def _files(folder: str = "organizations") -> set[str]:
    if not default_storage.exists(folder):
        return set()
    folders, files = default_storage.listdir(folder)
    return {f"{folder}/{name}" for name in files}.union(*(_files(f"{folder}/{name}") for name in folders))


@pytest.mark.django_db(transaction=True)
def test_logo_is_replaced_outside_of_a_test_transaction(staff: User) -> None:
    """As on a server: the form's own transaction is the outermost, and old files go when it commits."""
    client = browser_of(staff)
    organization = factories.OrganizationFactory.create()
    address = url(Organization, "change", organization.pk)
    assert client.post(address, form_values(client, address) | {"logo": picture("red")}).status_code == 302
    organization.refresh_from_db()
    first = str(organization.logo.name)
    assert client.post(address, form_values(client, address) | {"logo": picture("blue")}).status_code == 302
    organization.refresh_from_db()
    assert organization.logo.name != first
    assert not default_storage.exists(first)
    last = str(organization.logo.name)
    assert default_storage.exists(last)
    assert client.post(address, form_values(client, address) | {"logo-clear": "on"}).status_code == 302
    organization.refresh_from_db()
    assert organization.logo.name == ""
    assert not default_storage.exists(last)


def test_organization_is_changed_where_the_form_changed(staff_client: Client, acme: Organization) -> None:
    address = url(Organization, "change", acme.pk)
    Organization.objects.filter(pk=acme.pk).update(contact_info={"email": "a@acme.example", "mobile": "123"})
    values = form_values(staff_client, address) | {
        "name": "Acme School",
        "contact_info.email": "b@acme.example",
    }
    assert staff_client.post(address, values | {"slug": "stolen", "max_users": "9"}).status_code == 302
    before, acme = acme, Organization.objects.get(pk=acme.pk)
    assert (acme.name, acme.slug, acme.max_users) == ("Acme School", "acme", 9)
    assert acme.contact_info == {"email": "b@acme.example", "mobile": "123"}
    assert acme.updated_at > before.updated_at
    assert history(acme) == [(CHANGE, "Changed Name, Email and Max users.")]


def test_disabled_organization_keeps_its_profile_but_not_the_staffs_columns(
    staff_client: Client, acme: Organization
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    address = url(Organization, "change", acme.pk)
    values = form_values(staff_client, address)
    response = staff_client.post(address, values | {"name": "Another"})
    assert "disabled" in str(response.context["adminform"].form.errors["__all__"])
    assert staff_client.post(address, values | {"stripe_customer_id": "cus_1"}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.stripe_customer_id) == ("Acme Academy", "cus_1")


def test_max_users_below_the_members_is_refused(
    staff_client: Client, acme: Organization, alice: User, bob: User
) -> None:
    address = url(Organization, "change", acme.pk)
    response = staff_client.post(address, form_values(staff_client, address) | {"max_users": "1"})
    assert list(response.context["adminform"].form.errors) == ["max_users"]
    acme.refresh_from_db()
    assert acme.max_users is None


def test_organizations_are_disabled_after_asking_and_enabled(
    staff_client: Client, acme: Organization
) -> None:
    page = act(staff_client, Organization, "disable", acme.pk)
    assert page.status_code == 200
    assert b"Badges issued before stay valid" in page.content
    acme.refresh_from_db()
    assert acme.is_enabled
    assert act(staff_client, Organization, "disable", acme.pk, yes="1").status_code == 302
    acme.refresh_from_db()
    assert not acme.is_enabled
    act(staff_client, Organization, "enable", acme.pk)
    acme.refresh_from_db()
    assert acme.is_enabled
    assert history(acme) == [(CHANGE, "Disabled."), (CHANGE, "Enabled.")]


def test_credits_are_added_through_the_wallet(staff_client: Client, staff: User, acme: Organization) -> None:
    act(staff_client, Organization, "give_credits", acme.pk, credits="40", description="for 2027")
    act(staff_client, Organization, "give_credits", acme.pk, credits="-15", description="typed wrongly")
    acme.refresh_from_db()
    assert (acme.credits_left, ledger_balance(acme)) == (25, 25)
    columns = ("credits", "kind", "status", "description", "decided_by")
    assert list(acme.credit_transactions.values_list(*columns)) == [
        (-15, CreditKind.CORRECTION, CreditStatus.ACCEPTED, "typed wrongly", staff.email),
        (40, CreditKind.PURCHASE, CreditStatus.ACCEPTED, "for 2027", staff.email),
    ]


def test_credits_refused_by_the_wallet_are_asked_again(staff_client: Client, acme: Organization) -> None:
    response = act(staff_client, Organization, "give_credits", acme.pk, credits="0", description="nothing")
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["credits"]
    assert not acme.credit_transactions.exists()
    assert not history(acme)


def test_act_started_on_the_page_of_a_row_leads_back_to_it(staff_client: Client, acme: Organization) -> None:
    address = url(Organization, "change", acme.pk)
    page = staff_client.get(address)
    assert [name for name, _description in page.context["acts"]] == [
        "disable",
        "give_credits",
        "verifiability",
    ]
    chosen = {"action": "disable", "_selected_action": acme.pk, "_from_row": "1"}
    asked = staff_client.post(url(Organization, "changelist"), chosen)
    assert b'name="_from_row"' in asked.content
    done = staff_client.post(url(Organization, "changelist"), chosen | {"confirmed": "1"})
    assert done.headers["Location"] == address


def test_acts_take_a_bounded_number_of_rows(staff_client: Client, acme: Organization) -> None:
    rows = Message.objects.bulk_create(
        Message(
            organization=acme,
            kind=MessageKind.BADGE_ISSUED,
            subject=acme.uuid,
            recipient="x@example.org",
            attempts=3,
        )
        for _number in range(201)
    )
    response = act(staff_client, Message, "retry", *(row.pk for row in rows), yes="1")
    assert said(response) == ["Choose at most 200 rows at once. Nothing was changed."]
    assert set(Message.objects.values_list("attempts", flat=True)) == {3}


@pytest.mark.parametrize("accept", [True, False])
def test_requests_for_credits_are_decided_once(
    staff_client: Client, staff: User, acme: Organization, alice: User, accept: bool
) -> None:
    request = request_credits(organization=acme, credits=10, description="please", user=alice)
    name = "accept" if accept else "decline"
    act(staff_client, CreditTransaction, name, request.pk, yes="1")
    request.refresh_from_db()
    acme.refresh_from_db()
    assert request.status == (CreditStatus.ACCEPTED if accept else CreditStatus.DECLINED)
    assert (request.decided_by, acme.credits_left) == (staff.email, 10 if accept else 0)
    response = act(staff_client, CreditTransaction, "accept", request.pk, yes="1")
    assert "was decided before" in said(response)[-1]
    acme.refresh_from_db()
    assert acme.credits_left == (10 if accept else 0)
    assert len(history(request)) == 1


def test_system_comes_with_its_organization(staff_client: Client) -> None:
    values = {"name": "Region", "url": "https://region.example", "email": "it@region.example"}
    response = staff_client.post(url(System, "add"), values)
    assert response.status_code == 302
    system = System.objects.get(slug="region")
    assert list(system.organizations.values_list("slug", "is_system_itself")) == [("region", True)]
    address = url(System, "change", system.pk)
    staff_client.post(address, form_values(staff_client, address) | {"name": "The region", "slug": "stolen"})
    system.refresh_from_db()
    assert (system.name, system.slug) == ("The region", "region")


def test_program_is_created_and_changed(staff_client: Client, acme: Organization) -> None:
    staff_client.post(
        url(Program, "add"), {"organization": acme.pk, "name": "Evening classes", "slug": "evening"}
    )
    program = Program.objects.get(organization=acme, slug="evening")
    address = url(Program, "change", program.pk)
    staff_client.post(
        address, form_values(staff_client, address) | {"description": "<b>Late</b><script>1</script>"}
    )
    program.refresh_from_db()
    assert (program.name, "script" in program.description) == ("Evening classes", False)
    assert "Late" in program.description
    response = staff_client.post(
        url(Program, "add"), {"organization": acme.pk, "name": "X", "slug": "evening"}
    )
    assert response.status_code == 200
    assert Program.objects.count() == 1


def test_message_is_made_due_again(staff_client: Client, acme: Organization) -> None:
    message = Message.objects.create(
        organization=acme,
        kind=MessageKind.BADGE_ISSUED,
        subject=acme.uuid,
        recipient="ada@example.org",
        attempts=8,
        given_up_at=timezone.now(),
        last_error="refused",
    )
    found = staff_client.get(url(Message, "changelist"), {"state": "given_up", "q": str(acme.uuid)})
    assert found.context["cl"].result_count == 1
    act(staff_client, Message, "retry", message.pk, yes="1")
    message.refresh_from_db()
    assert (message.attempts, message.given_up_at, message.last_error) == (0, None, "")
    assert message in Message.objects.due()


def test_organization_page_leads_to_everything_of_it(
    staff_client: Client, acme: Organization, acme_key: str
) -> None:
    page = staff_client.get(url(Organization, "change", acme.pk)).content.decode()
    for model in (ApiKey, SigningKey, CreditTransaction, Membership, Message, Program):
        assert f"{url(model, 'changelist')}?organization__id__exact={acme.pk}" in page
    assert acme.public_url in page


def test_rows_are_found_by_id_and_by_pasted_address(
    staff_client: Client, acme: Organization, globex: Organization
) -> None:
    for term in (str(acme.uuid), acme.uuid.hex, f"{acme.public_url}/did.json", "acme"):
        found = staff_client.get(url(Organization, "changelist"), {"q": term})
        assert list(found.context["cl"].result_list) == [acme], term


def test_wallet_is_history(staff_client: Client, acme: Organization) -> None:
    row = CreditTransaction.objects.create(organization=acme, kind=CreditKind.PURCHASE, credits=5)
    assert staff_client.post(url(CreditTransaction, "change", row.pk), {"credits": "500"}).status_code == 403
    row.refresh_from_db()
    assert row.credits == 5
