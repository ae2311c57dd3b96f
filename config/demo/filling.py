"""Fills the demo: who issues, who may sign in, and what lies in each room; says what was made."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from badges.models import BadgeTemplate
from badges.services.issuing import issue_badge
from badges.services.templates import archive_template, create_template
from config.demo.badges import Shown, issue_states, issue_year, run_batches
from config.demo.people import ADA, EARNER, EXPORT, MARIA, OTHERS, RITA, STUDENTS, course_people, people_of
from config.demo.templates import CLEAN_UP, DRAFT, FORMER, TEMPLATES, make_published
from config.demo.ways import make_claim_codes, make_outcome, make_path
from earners.files import read_earners
from earners.models import EarnerAccount, EarnersList
from earners.services import ListedPerson, create_list, create_login_token, import_earners
from organizations.enums import ApiScope, Role
from organizations.models import Message, Organization, System, User
from organizations.pictures import prepare_picture, store_picture
from organizations.services.access import create_api_key, create_badgekit_consumer
from organizations.services.invitations import invite
from organizations.services.members import add_member
from organizations.services.organizations import (
    create_organization,
    create_system,
    update_organization,
)
from organizations.services.programs import create_program
from organizations.services.wallet import add_credits, decide_request, request_credits

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600"><rect width="600" height="600" rx="120" fill="#1f5a86"/>'
    '<g fill="#fff"><path d="M280 320h40v170h-40z"/><circle cx="300" cy="220" r="120"/>'
    '<circle cx="210" cy="290" r="80"/><circle cx="390" cy="290" r="80"/></g></svg>'
)
COLOUR = "#1f5a86"


def fill() -> dict[str, Any]:
    """Fill an empty installation; return what `manage.py demo --json` prints. Run it in one transaction."""
    system = create_system(
        name="Laurel demo", slug="demo", url=settings.PUBLIC_URL, email="hello@demo.example"
    )
    users, passwords = _users()
    owner, teacher = users["owner"], users["issuer"]
    academy = _academy(system, users)
    college = create_organization(
        name="Harbour College", slug="harbour", system=system, owner=users["other"], by=None
    )
    program = create_program(organization=academy, name="Evening courses", slug="evening", by=owner)
    templates = [
        make_published(academy, values, by=owner, program=program if index == 1 else None)
        for index, values in enumerate(TEMPLATES)
    ]
    create_template(organization=academy, fields=DRAFT, by=owner)
    archive_template(template=make_published(academy, FORMER, by=owner), by=owner)
    people = course_people()
    students, course = _lists(academy, people, by=owner)
    login_token, text = create_login_token(email=EARNER, lifetime=timedelta(days=3650))
    shown = _issue(templates, people, login_token.account, students=students, course=course, by=teacher)
    code = make_claim_codes(templates, people[:9], by=teacher)
    outcome = make_outcome(academy, templates[3], by=owner)
    make_path(academy, templates, by=owner)
    clean_up = make_published(college, CLEAN_UP, by=users["other"])
    for person in (ADA, MARIA, RITA):
        issue_badge(template=clean_up, person=person, by=users["other"])
    api_key = _key(academy, "Learning platform", *ApiScope, by=owner)
    _requests(academy, users)
    Message.objects.update(sent_at=timezone.now())  # these people do not exist, so nobody is written to
    consumer, secret = create_badgekit_consumer(system=system, description="Demo", by=None)
    return {
        "organization": {"id": str(academy.uuid), "slug": academy.slug},
        "other_organization": {
            "id": str(college.uuid),
            "slug": college.slug,
            "api_key": _key(college, "Demo", *ApiScope, by=users["other"]),
        },
        "api_key": api_key,
        "read_only_api_key": _key(academy, "Reports", ApiScope.READ, by=owner),
        "badgekit": {"system": system.slug, "key": consumer.key, "secret": secret},
        "login_token": text,
        "earner_email": EARNER,
        "users": [
            {"email": user.email, "password": passwords[user.email], "role": role}
            for role, user in users.items()
        ],
        "badge": {"id": str(shown.valid.uuid), "url": shown.valid.public_url},
        "revoked_badge": {"id": str(shown.revoked.uuid), "url": shown.revoked.public_url},
        "claim_code": {"code": code.code, "url": code.public_url},
        "outcome_code": outcome.code,
    }


def _users() -> tuple[dict[str, User], dict[str, str]]:
    """Make a user for each role; return them by role, and their passwords by address."""
    people = {
        "staff": ("admin@demo.example", "Sam", "Staff"),
        "owner": ("owner@bay-tree.example", "Olivia", "Ward"),
        "admin": ("office@bay-tree.example", "Aldo", "Ricci"),
        "issuer": ("teacher@bay-tree.example", "Irene", "Sala"),
        "viewer": ("auditor@bay-tree.example", "Viktor", "Lang"),
        "other": ("owner@harbour.example", "Hanna", "Quay"),
    }
    users, passwords = {}, {}
    for role, (email, first_name, last_name) in people.items():
        password = f"laurel-{secrets.token_hex(5)}"
        users[role] = User.objects.create_user(
            email, password, first_name=first_name, last_name=last_name, email_verified_at=timezone.now()
        )
        passwords[email] = password
    User.objects.filter(pk=users["staff"].pk).update(is_staff=True, is_superuser=True)
    users["staff"].refresh_from_db()
    return users, passwords


def _academy(system: System, users: dict[str, User]) -> Organization:
    """Make the organization that the demo is about, with its team, logo and credits."""
    academy = create_organization(
        name="Bay Tree Academy",
        slug="bay-tree",
        system=system,
        owner=users["owner"],
        fields={
            "type": "public_local_national",
            "activity": "school",
            "language": "en",
            "time_zone": "Europe/Rome",
            "website": "https://bay-tree.example",
            "description": "<p>A public academy for <strong>science, craft and languages</strong>.</p>",
            "address_info": {
                "city": "Bologna",
                "country": "Italy",
                "street": "Via dell'Alloro 7",
                "postcode": "40121",
            },
            "contact_info": {"name": "Olivia", "last_name": "Ward", "email": "badges@bay-tree.example"},
        },
        by=None,
    )
    for role, given in (("admin", Role.ADMIN), ("issuer", Role.ISSUER), ("viewer", Role.VIEWER)):
        add_member(organization=academy, user=users[role], role=given, by=users["owner"])
    logo = store_picture(
        prepare_picture(LOGO.encode(), allow_svg=True),
        folder=f"organizations/{academy.uuid}/organization-logos",
    )
    add_credits(organization=academy, credits=1000, description="Credits to try with", by=users["staff"])
    return update_organization(
        organization=academy, fields={"logo": logo, "color_primary": COLOUR}, by=users["owner"]
    )


def _lists(
    academy: Organization, people: Sequence[ListedPerson], *, by: User
) -> tuple[EarnersList, EarnersList]:
    """Make the list of an imported file, and one that was typed; return both."""
    students = create_list(organization=academy, name="Students 2026", by=by)
    export = read_earners(EXPORT.encode("cp1252"), name="classes.csv")
    import_earners(organization=academy, file=export, earners_list=students, by=by)
    course = create_list(
        organization=academy,
        name="Evening course",
        description="Autumn group, Tuesdays and Thursdays.",
        people=people,
        by=by,
    )
    return students, course


def _issue(
    templates: Sequence[BadgeTemplate],
    people: Sequence[ListedPerson],
    account: EarnerAccount,
    *,
    students: EarnersList,
    course: EarnersList,
    by: User,
) -> Shown:
    shown = issue_states(templates, account, by=by)
    issue_year(templates[:4], [*STUDENTS[1:], *people, *people_of(OTHERS)], by=by)
    run_batches(templates, students=students, course=course, by=by)
    return shown


def _requests(academy: Organization, users: dict[str, User]) -> None:
    """Leave an invitation open and a request for credits undecided, beside one that was granted."""
    invite(organization=academy, emails=["new.teacher@bay-tree.example"], role=Role.ISSUER, by=users["owner"])
    granted = request_credits(
        organization=academy, credits=250, description="For the evening course", user=users["admin"]
    )
    decide_request(request=granted, accept=True, by=users["staff"])
    request_credits(
        organization=academy, credits=500, description="For the spring groups", user=users["admin"]
    )


def _key(organization: Organization, name: str, *scopes: ApiScope, by: User) -> str:
    return create_api_key(organization=organization, name=name, scopes=scopes, by=by)[1]
