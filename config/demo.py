"""What the demo installation holds: two organizations, people, templates, badges in every state. Made by the services."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate, Outcome
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from badges.services.revoking import revoke_badge
from badges.services.templates import create_template, publish_template
from claimcodes.services import claim_code, create_claim_code
from config.env import BASE_DIR
from earners.files import read_earners
from earners.services import Person, create_login_token, import_earners
from organizations.enums import ApiScope, Role
from organizations.models import Message, Organization, User
from organizations.pictures import prepare_picture, store_picture
from organizations.services.access import create_api_key, create_badgekit_consumer
from organizations.services.members import add_member
from organizations.services.organizations import create_organization, create_program, create_system
from organizations.services.wallet import add_credits

EARNER = "ada.lovelace@earners.example"

# As a school's program exports it: semicolons, Italian headings, an empty row, one address twice, one that is none.
EXPORT = """Cognome;Nome;E-mail;Classe;Voto
Lovelace;Ada;ada.lovelace@earners.example;5A;98
Montessori;Maria;maria.montessori@earners.example;5A;100
Levi-Montalcini;Rita;rita.levi@earners.example;5B;99
Fermi;Enrico;enrico.fermi@earners.example;5B;91

Noether;Emmy;emmy.noether@earners.example;5A;97
Galilei;Galileo;galileo.galilei@earners.example;5C;88
Curie;Marie;Marie.Curie@earners.example;5C;96
Curie;Marie;marie.curie@earners.example;5C;96
Turing;Alan;alan.turing@earners.example;5B;93
Senza;Indirizzo;;5C;70
Sbagliato;Anna;anna.sbagliato@;5C;81
Hopper;Grace;grace.hopper@earners.example;5A;95
Ramanujan;Srinivasa;srinivasa.ramanujan@earners.example;5B;92
Franklin;Rosalind;rosalind.franklin@earners.example;5A;94
Volta;Alessandro;alessandro.volta@earners.example;5C;85
Agnesi;Maria Gaetana;gaetana.agnesi@earners.example;5B;90
"""

STAR = "M300 212L321.6 262.2L376.1 267.3L335 303.4L347 356.7L300 328.8L253 356.7L265 303.4L223.9 267.3L278.4 262.2Z"
# title, type, rim colours, emblem, and what else the template has
TEMPLATES: list[dict[str, Any]] = [
    {
        "title": "Data Literacy",
        "code": "DATA",
        "type": "skills",
        "type_data": {
            "acquired_knowledge": "Where data comes from, how it is collected, and what can go wrong with it.",
            "acquired_skills": "Reads tables and charts, cleans a data set, questions a conclusion.",
        },
        "description": "<p>Reads, questions and explains data in everyday work.</p>",
        "assignment_criteria": "<p>To earn this badge you:</p><ul><li>finish the eight units of the course,</li>"
        "<li>clean and describe a data set of your own choice,</li><li>defend your conclusions before two peers.</li></ul>",
        "tags": ["data", "statistics", "critical thinking"],
        "achievement_type": "Course",
        "alignments": [
            {
                "name": "analyse data",
                "url": "https://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f",
                "framework": "ESCO",
                "description": "Collect data and statistics to test and evaluate.",
            }
        ],
        "colors": ("#2a6fa8", "#143f66"),
        "emblem": "M225 350h34v-60h-34zM283 350h34v-120h-34zM341 350h34v-90h-34z",
    },
    {
        "title": "Web Development Foundations",
        "code": "WEB",
        "type": "qualification",
        "type_data": {
            "acquired_knowledge": "HTML, CSS, HTTP and the basics of accessibility.",
            "acquired_skills": "Builds and publishes a small site that works on a phone and with a keyboard.",
            "acquired_attitudes": "Tests with people who are not like oneself.",
            "application_scope": "Junior positions in web teams.",
        },
        "description": "<p>Builds accessible web pages from an idea to a public address.</p>",
        "assignment_criteria": "<p>Publish a site of at least five pages that passes the course's accessibility check.</p>",
        "tags": ["web", "accessibility"],
        "achievement_type": "Certificate",
        "validity_days": 730,
        "result_descriptions": [
            {"id": "grade", "name": "Final grade", "type": "Percent", "value_min": "0", "value_max": "100"}
        ],
        "colors": ("#7a4fb5", "#452a70"),
        "emblem": "M270 235l-60 58 60 58M330 235l60 58-60 58",
    },
    {
        "title": "Safe Laboratory Work",
        "code": "LAB",
        "type": "knowledge",
        "type_data": {
            "acquired_knowledge": "Hazard symbols, protective equipment, what to do in an accident.",
            "acquired_skills": "Prepares and leaves a bench safely.",
            "acquired_attitudes": "Speaks up when something is not safe.",
        },
        "description": "<p>Works safely in the chemistry and biology laboratories.</p>",
        "assignment_criteria": "<p>Pass the safety test with at least 90% and the walk through the laboratory.</p>",
        "tags": ["safety", "laboratory"],
        "is_unique": True,
        "validity_days": 365,
        "colors": ("#c2541f", "#7c3110"),
        "emblem": "M275 225h50M288 225v50l-45 75h114l-45-75v-50",
    },
    {
        "title": "Volunteer of the Green Garden",
        "code": "GREEN",
        "type": "participation",
        "description": "<p>Gave at least twenty hours to the school's garden.</p>",
        "assignment_criteria": "<p>Twenty hours, noted in the garden book and confirmed by a gardener.</p>",
        "tags": ["volunteering", "environment"],
        "achievement_type": "CommunityService",
        "colors": ("#3f8f3a", "#1f5a1c"),
        "emblem": "M300 355V290M300 300c-60 0-70-50-70-70 45 0 70 20 70 70zM300 285c0-45 25-65 70-65 0 20-10 65-70 65z",
    },
    {
        "title": "Open Day Guest",
        "code": "OPEN",
        "type": "participation",
        "description": "<p>Visited the academy on its open day.</p>",
        "assignment_criteria": "<p>Be there, and enter the code from the poster.</p>",
        "tags": ["event"],
        "limit": 250,
        "colors": ("#2a8a68", "#155540"),
        "emblem": STAR,
    },
]
NAMES = [
    ("Ada", "Lovelace"),
    ("Maria", "Montessori"),
    ("Rita", "Levi-Montalcini"),
    ("Enrico", "Fermi"),
    ("Emmy", "Noether"),
    ("Galileo", "Galilei"),
    ("Alan", "Turing"),
    ("Grace", "Hopper"),
]


def fill() -> dict[str, Any]:
    """Fill an empty installation; return what `manage.py demo --json` prints. Run it in one transaction."""
    system = create_system(
        name="Laurel demo", slug="demo", url=settings.PUBLIC_URL, email="hello@demo.example"
    )
    users, passwords = _users()
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
    for role, person in (("admin", Role.ADMIN), ("issuer", Role.ISSUER), ("viewer", Role.VIEWER)):
        add_member(organization=academy, user=users[role], role=person, by=None)
    add_credits(organization=academy, credits=1000, description="Credits to try with", by=None)
    program = create_program(organization=academy, name="Evening courses", slug="evening", by=None)
    college = create_organization(
        name="Harbour College", slug="harbour", system=system, owner=users["other"], by=None
    )
    templates = [
        _template(academy, values, program=program if index == 1 else None)
        for index, values in enumerate(TEMPLATES)
    ]
    _template(college, TEMPLATES[3] | {"title": "Harbour Clean-up"})
    import_earners(
        organization=academy,
        file=read_earners(EXPORT.encode("cp1252"), name="classes.csv"),
        list_name="Students 2026",
        by=None,
    )
    badge, revoked = _badges(templates)
    code = create_claim_code(
        template=templates[4], code="OPEN-DAY-2026", is_multiuse=True, max_uses=250, by=None
    )
    for number in range(12):
        single = create_claim_code(template=templates[0], by=None)
        if number < 3:
            first, last = NAMES[number + 4]
            claim_code(claim_code=single, email=_address(first, last), first_name=first, last_name=last)
    outcome = Outcome.objects.create(
        organization=academy, code="garden-20-hours", name="Twenty hours in the garden", template=templates[3]
    )
    Message.objects.update(sent_at=timezone.now())  # these earners do not exist, so nobody is written to
    consumer, secret = create_badgekit_consumer(system=system, description="Demo", by=None)
    return {
        "organization": {"id": str(academy.uuid), "slug": academy.slug},
        "other_organization": {
            "id": str(college.uuid),
            "slug": college.slug,
            "api_key": _key(college, *ApiScope),
        },
        "api_key": _key(academy, *ApiScope),
        "read_only_api_key": _key(academy, ApiScope.READ),
        "badgekit": {"system": system.slug, "key": consumer.key, "secret": secret},
        "login_token": create_login_token(email=EARNER, lifetime=timedelta(days=3650))[1],
        "earner_email": EARNER,
        "users": [
            {"email": user.email, "password": passwords[user.email], "role": role}
            for role, user in users.items()
        ],
        "badge": {"id": str(badge.uuid), "url": badge.public_url},
        "revoked_badge": {"id": str(revoked.uuid), "url": revoked.public_url},
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
    return users, passwords


def _template(organization: Organization, values: dict[str, Any], **more: Any) -> BadgeTemplate:
    """Make a published template with a picture of its own colours."""
    fields = {name: value for name, value in values.items() if name not in {"colors", "emblem"}} | more
    picture = prepare_picture(_picture(values["colors"], values["emblem"]), allow_svg=True)
    fields["image"] = store_picture(
        picture, folder=f"organizations/{organization.uuid}/badge-templates-images"
    )
    return publish_template(
        template=create_template(organization=organization, fields=fields, by=None), by=None
    )


def _picture(colors: tuple[str, str], emblem: str) -> bytes:
    """Return the default badge with another rim and another emblem."""
    svg = (BASE_DIR / "static" / "badges" / "default_badge.svg").read_text()
    svg = svg.replace("#2a8a68", colors[0], 1).replace("#155540", colors[1], 1)
    if emblem != STAR:
        start = svg.index(f'<path d="{STAR}"')
        end = svg.index("/>", start) + 2
        drawn = (
            f'<path d="{emblem}" fill="{"none" if "z" not in emblem else "url(#gold)"}" stroke="url(#gold)"'
            ' stroke-width="16" stroke-linecap="round" stroke-linejoin="round"/>'
        )
        svg = svg[:start] + drawn + svg[end:]
    return svg.encode()


def _badges(templates: list[BadgeTemplate]) -> tuple[Badge, Badge]:
    """Issue badges over two years; return one to show that is valid, and one that is revoked."""
    today = timezone.now()
    for number, (first, last) in enumerate(NAMES):
        for step, template in enumerate(templates[:4]):
            if (number + step) % 3 == 0 and (first, step) != ("Ada", 0):
                issued_at = today - timedelta(days=37 * (number + 2 * step) + 3)
                _issue(template, first, last, issued_at=issued_at)
    shown = _issue(
        templates[0],
        "Ada",
        "Lovelace",
        issued_at=today - timedelta(days=2),
        activity_title="Data course, spring group",
        activity_started_at=datetime(2026, 2, 2, 8, tzinfo=UTC),
        activity_ended_at=datetime(2026, 6, 5, 15, tzinfo=UTC),
        narrative="Ada described the punched cards of a century of weather records and found two errors in them.",
        evidence=[
            {
                "url": "https://bay-tree.example/projects/weather",
                "name": "A century of weather",
                "narrative": "Data set, cleaning notes and the report.",
            }
        ],
        visibility=Visibility.PUBLIC,
    )
    _issue(
        templates[1],
        "Grace",
        "Hopper",
        issued_at=today - timedelta(days=900),
        results=[{"value": "97", "result_description": "grade"}],
    )
    mistaken = _issue(templates[1], "Galileo", "Galilei", issued_at=today - timedelta(days=20))
    revoked = revoke_badge(badge=mistaken, reason="Issued for the wrong course.", by=None)
    return shown, revoked


def _issue(template: BadgeTemplate, first: str, last: str, **award: Any) -> Badge:
    person = Person(email=_address(first, last), first_name=first, last_name=last)
    return issue_badge(
        template=template, person=person, award=Award(**award), by=None, issued_by="teacher@bay-tree.example"
    )


def _address(first: str, last: str) -> str:
    last = {"Levi-Montalcini": "levi"}.get(last, last)
    return f"{first}.{last}@earners.example".lower()


def _key(organization: Organization, *scopes: ApiScope) -> str:
    return create_api_key(organization=organization, name="Demo", scopes=scopes, by=None)[1]
