"""What conformance tests have the product do beside its commands, inside `manage.py shell`; answered as JSON.

Nothing is built or signed here: each act calls the product's services, and answers ids by name.
"""

import io
import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image

from badges.models import Badge, BadgeTemplate, StatusList
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from badges.services.revoking import revoke_badge
from badges.services.templates import create_template, update_template
from config.exceptions import RuleBroken
from earners.services import Person
from organizations.enums import KeyStatus
from organizations.models import Organization, SigningKey
from organizations.pictures import prepare_picture, store_picture
from organizations.services.keys import revoke_signing_key, rotate_signing_key
from organizations.services.organizations import create_organization
from tests.conformance.texts import HOSTILE, INTERNATIONAL_ADDRESS, LONG, REFUSED

ADA = "ada.rossi@example.org"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90"><title>a ]] b</title>'
    b'<circle cx="45" cy="45" r="40" fill="#1D6B50"/></svg>'
)
EVERYTHING: Mapping[str, Any] = {
    "title": "Competenze digitali & dati",
    "code": "DALP-1",
    "description": "<p>Lavorare con i <strong>dati</strong>.</p><ul><li>raccogliere</li><li>capire</li></ul>",
    "assignment_criteria": "<p>Superare la prova finale.</p>",
    "criteria_url": "https://example.org/criteri?corso=dati&anno=2026",
    "criteria": [
        {"description": "Presenza", "required": True, "note": "80 %"},
        {"description": "Lode", "required": False},
    ],
    "type": "qualification",
    "type_data": {
        "acquired_knowledge": "statistica",
        "acquired_skills": "analisi",
        "acquired_attitudes": "curiosità",
        "application_scope": "ufficio",
    },
    "achievement_type": "MicroCredential",
    "language": "it",
    "tags": ["dati", "alfabetizzazione digitale"],
    "alignments": [
        {
            "name": "utilizzare software per l'analisi dei dati",
            "url": "http://data.europa.eu/esco/skill/1973c966-f236-40c9-b2d4-5d71a89019be",
            "framework": "ESCO",
            "description": "Competenza ESCO",
            "code": "S5.5",
        },
        {
            "name": "Represent data",
            "url": "https://case.example.org/ims/case/v1p0/CFItems/6b8ab5e0-2a5e-11ee-be56-0242ac120002",
            "framework": "CASE",
            "code": "6.SP.B.4",
            "type": "CFItem",
        },
    ],
    "result_descriptions": [
        {"id": "voto", "name": "Voto", "type": "RawScore", "value_min": "18", "value_max": "30"},
        {
            "id": "livello",
            "name": "Livello",
            "type": "LetterGrade",
            "allowed_values": ["A", "B", "C"],
            "required_value": "C",
        },
    ],
    "validity_days": 730,
}


def answer(acts: str) -> None:
    """Do acts in their order, [[name, arguments], ...] in JSON, and print as JSON all that they return."""
    answers: dict[str, Any] = {}
    for name, arguments in json.loads(acts):
        answers |= ACTS[name](**arguments)
    sys.stdout.write(json.dumps(answers))


def template_with_everything(organization: str) -> dict[str, str]:
    """Make the template `everything` of an organization (slug)."""
    owner = Organization.objects.get(slug=organization)
    return {
        "everything": create_template(organization=owner, fields=EVERYTHING, slug="everything", by=None).slug
    }


def issue_all_sorts(organization: str) -> dict[str, str]:
    """Issue to Ada a badge of each sort that is judged; name: id. Needs `everything`."""
    owner = Organization.objects.get(slug=organization)
    everything = BadgeTemplate.objects.get(slug="everything")
    now = timezone.now()
    rich = Award(
        narrative="Con **lode**.",
        activity_title="Corso serale",
        activity_started_at=now - timedelta(days=90),
        activity_ended_at=now - timedelta(days=2),
        evidence=[
            {"url": "https://portfolio.example.org/ada?progetto=1#fine", "name": "Portfolio", "genre": "web"},
            {"narrative": "Prima riga\nseconda riga", "description": "Il racconto", "audience": "tutti"},
        ],
        results=[
            {"value": "28", "result_description": "voto", "status": "Completed"},
            {"value": "A", "result_description": "livello"},
        ],
    )
    over = Award(issued_at=now - timedelta(days=800), expires_at=now - timedelta(days=1))
    badges = {
        "rich": _issued(everything, rich),
        "revoked": _issued(everything, rich),
        "expired": _issued(everything, over),
        "png-picture": _issued(_template(owner, "PNG", image=_picture(_png())), Award()),
        "svg-picture": _issued(_template(owner, "SVG", image=_picture(SVG)), Award()),
    }
    changing = _template(owner, "Old title")
    badges["old-title"] = _issued(changing, Award())
    changing = update_template(template=changing, fields={"title": "New title"}, by=None)
    badges["new-title"] = _issued(changing, Award())
    badges["hostile"] = _issue_hostile(owner)
    return {name: str(badge.uuid) for name, badge in badges.items()}


def _issue_hostile(owner: Organization) -> Badge:
    """A badge whose every text is hostile."""
    all_at_once = "".join(HOSTILE.values())
    words = [f"{name} {text}" for name, text in HOSTILE.items()]
    address = "https://example.org/a?b='c'&d=(e)*,;#f"
    template = create_template(
        organization=owner,
        fields={
            "title": all_at_once[:255],
            "description": "<p>" + "</p><p>".join(HOSTILE.values()) + "</p>",
            "assignment_criteria": all_at_once,
            "criteria_url": INTERNATIONAL_ADDRESS,
            "criteria": [{"description": text} for text in HOSTILE.values()],
            "tags": words,
            "alignments": [
                {"name": text, "url": address, "description": text, "framework": text, "code": text}
                for text in HOSTILE.values()
            ]
            + [{"name": "international", "url": INTERNATIONAL_ADDRESS}],
            "result_descriptions": [
                {"id": "r", "name": all_at_once, "type": "Result", "allowed_values": words}
            ],
        },
        by=None,
    )
    award = Award(
        narrative=all_at_once + LONG,
        activity_title=all_at_once[:255],
        evidence=[
            *(
                {"name": text, "narrative": text, "description": text, "genre": text}
                for text in HOSTILE.values()
            ),
            {"url": INTERNATIONAL_ADDRESS, "narrative": LONG},
            {"url": address},
        ],
        results=[{"value": text, "result_description": "r"} for text in HOSTILE.values()],
    )
    return _issued(template, award, first_name=all_at_once[:200], last_name=HOSTILE["rtl"])


def refused_at_the_door(organization: str) -> dict[str, list[str]]:
    """Try to bring each of REFUSED into a badge; name: [code of the refusal by place]. Nothing is issued."""
    owner = Organization.objects.get(slug=organization)
    everything = BadgeTemplate.objects.get(slug="everything")
    before = (Badge.objects.count(), BadgeTemplate.objects.count())
    codes: dict[str, list[str]] = {}
    for name, text in REFUSED.items():
        codes[name] = [
            _refusal(lambda text=text: _template(owner, text)),
            _refusal(lambda text=text: _template(owner, "T", tags=[text])),
            _refusal(
                lambda text=text: _template(
                    owner, "T", alignments=[{"name": "n", "url": f"https://a.example/{text}"}]
                )
            ),
            _refusal(lambda text=text: _issued(everything, Award(), first_name=text)),
            _refusal(lambda text=text: _issued(everything, Award(narrative=text))),
            _refusal(lambda text=text: _issued(everything, Award(evidence=[{"narrative": text}]))),
            _refusal(
                lambda text=text: _issued(everything, Award(evidence=[{"url": f"https://a.example/{text}"}]))
            ),
        ]
    # Each of the two may enter a badge, but not both the same list: verifiers sort them differently.
    codes["order"] = [_refusal(lambda: _template(owner, "T", tags=["\U0001f600", "\ufb01"]))]
    if before != (Badge.objects.count(), BadgeTemplate.objects.count()):
        raise AssertionError("something that was refused was kept")
    return codes


def issue_from_another(organization: str) -> dict[str, str]:
    """Make a further organization with this name, and issue two badges from it: NAME-1 and NAME-2."""
    owner = create_organization(name=organization, slug=organization, by=None)
    template = _template(owner, f"Of {organization}")
    return {f"{organization}-{number}": str(_issued(template, Award()).uuid) for number in (1, 2)}


def revoke(badge: str, reason: str) -> dict[str, str]:
    """Revoke a badge."""
    row = Badge.objects.get(uuid=badge)
    revoke_badge(badge=row, reason=reason, by=None)
    return {}


def rotate_keys(organization: str) -> dict[str, str]:
    """Rotate all keys of an organization, and issue one badge more from its template: NAME-after."""
    owner = Organization.objects.get(slug=organization)
    for key in SigningKey.objects.active().filter(organization=owner):
        rotate_signing_key(key=key)
    template = BadgeTemplate.objects.get(organization=owner)
    return {f"{organization}-after": str(_issued(template, Award()).uuid)}


def revoke_retired_keys(organization: str) -> dict[str, str]:
    """Withdraw trust from the keys of an organization that were rotated away."""
    for key in SigningKey.objects.filter(organization__slug=organization, status=KeyStatus.RETIRED):
        revoke_signing_key(key=key)
    return {}


def swap_status_list(badge: str, of: str) -> dict[str, str]:
    """Publish where a badge's status list is that of another badge's issuer, as an intruder would."""
    swapped, other = (Badge.objects.get(uuid=uuid).status_list for uuid in (badge, of))
    if swapped is None or other is None or swapped.pk == other.pk:
        raise AssertionError("there are no two lists to swap")
    StatusList.objects.filter(pk=swapped.pk).update(body=other.body, digest=other.digest)
    return {}


def _issued(
    template: BadgeTemplate, award: Award, *, first_name: str = "Ada", last_name: str = "Rossi"
) -> Badge:
    person = Person(email=ADA, first_name=first_name, last_name=last_name)
    return issue_badge(template=template, person=person, award=award, by=None, is_announced=False)


def _template(owner: Organization, title: str, **fields: Any) -> BadgeTemplate:
    return create_template(organization=owner, fields={"title": title, **fields}, by=None)


def _picture(content: bytes) -> str:
    return store_picture(prepare_picture(content, allow_svg=True), folder="pictures")


def _png() -> bytes:
    """A picture as people upload them: larger than is kept, with a text chunk of its own."""
    written = io.BytesIO()
    Image.radial_gradient("L").resize((900, 700)).convert("RGB").save(written, "PNG")
    return written.getvalue()


def _refusal(attempt: Any) -> str:
    try:
        attempt()
    except RuleBroken as refusal:
        return refusal.code
    return "accepted"


ACTS = {
    act.__name__: act
    for act in (
        template_with_everything,
        issue_all_sorts,
        refused_at_the_door,
        issue_from_another,
        revoke,
        rotate_keys,
        revoke_retired_keys,
        swap_status_list,
    )
}
