"""Other ways to the demo's badges: claim codes, a learning path, an outcome that a program reports."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from badges.models import BadgeTemplate, Outcome
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import record_outcome
from badges.services.paths import PathStepSpec, complete_due_paths, set_path_steps
from claimcodes.models import ClaimCode
from claimcodes.services import claim_code, create_claim_code, create_claim_codes
from config.demo.people import ALAN, EMMY, GALILEO, GRACE, MARIA, RITA, STUDENTS
from config.demo.templates import PATH, make_published
from earners.services import Person
from earners.services.accounts import find_or_make_account
from organizations.models import Organization, User


def make_claim_codes(
    templates: Sequence[BadgeTemplate], visitors: Sequence[Person], *, by: User
) -> ClaimCode:
    """Make codes for many, for one, and one that is used up; return the one that is on the poster."""
    data, _web, laboratory, garden, open_day = templates
    until = timezone.now() + timedelta(days=60)
    create_claim_codes(template=laboratory, count=24, prefix="LAB-", length=10, expires_at=until, by=by)
    codes = create_claim_codes(template=data, count=12, by=by)
    for code, person in zip(codes, (EMMY, GALILEO, ALAN), strict=False):
        _claim(code, person)
    used_up = create_claim_code(template=garden, code="GARDEN-DAY", is_multiuse=True, max_uses=3, by=by)
    for person in (MARIA, RITA, GRACE):
        _claim(used_up, person)
    poster = create_claim_code(template=open_day, code="OPEN-DAY-2026", is_multiuse=True, max_uses=250, by=by)
    for person in [*STUDENTS[:3], *visitors]:
        _claim(poster, person)
    return poster


def make_path(organization: Organization, templates: Sequence[BadgeTemplate], *, by: User) -> None:
    """Make the learning path, and give its badge to those who have what it takes already."""
    steps = [
        PathStepSpec(title="Work with data", needed=1, templates=[templates[0]]),
        PathStepSpec(title="Put it to use", needed=2, templates=[templates[1], templates[3]]),
    ]
    set_path_steps(path=make_published(organization, PATH, by=by), steps=steps, in_order=False, by=by)
    complete_due_paths()


def make_outcome(organization: Organization, template: BadgeTemplate, *, by: User) -> Outcome:
    """Make an outcome that leads to a badge, and record it for two people."""
    outcome, _secrets = create_outcome(
        organization=organization,
        code="garden-20-hours",
        name="Twenty hours in the garden",
        template=template,
        by=by,
    )
    for person in (RITA, ALAN):
        with transaction.atomic():
            account = find_or_make_account(person.email)
        record_outcome(account=account, code=outcome.code)
    return outcome


def _claim(code: ClaimCode, person: Person) -> None:
    claim_code(claim_code=code, email=person.email, first_name=person.first_name, last_name=person.last_name)
