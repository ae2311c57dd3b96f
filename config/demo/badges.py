"""The demo's badges: a year of them in every state, and batches that are done, wait, and start later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate, Batch
from badges.services.accepting import accept_badge
from badges.services.awards import Award, IssueRequest
from badges.services.batch_control import pause_batch
from badges.services.batches import create_batch, run_batch
from badges.services.issuing import issue_badge, issue_badges
from badges.services.revoking import revoke_badge
from config.demo.people import ADA, ALAN, EMMY, ENRICO, GALILEO, GRACE, MARIA, RITA
from earners.models import EarnerAccount, EarnersList
from earners.services import Person
from organizations.models import User

# How many badges of the first four templates were issued in each of the last twelve months, the oldest first.
MONTHS = [
    *[(4, 2, 1, 1), (6, 3, 2, 2), (7, 5, 1, 3), (5, 4, 1, 6), (8, 6, 2, 9), (11, 9, 0, 7)],
    *[(3, 2, 1, 4), (1, 0, 0, 5), (6, 3, 2, 8), (9, 5, 1, 4), (10, 7, 1, 3), (8, 6, 1, 2)],
]
DAYS_OF_MONTH = 30.4


@dataclass(frozen=True, slots=True)
class Shown:
    """The badges that a newcomer is shown: one that is valid, and one that is revoked."""

    valid: Badge
    revoked: Badge


def issue_year(templates: Sequence[BadgeTemplate], people: Sequence[Person], *, by: User) -> None:
    """Issue badges over the last twelve months: two of three are accepted, and one of four may be found by everybody."""
    now = timezone.now()
    turn = 0
    for index, template in enumerate(templates):
        # Not everybody gets everything: those of one template begin with others than those of the next.
        takers = [people[(index * 17 + number) % len(people)] for number in range(40)]
        requests: list[IssueRequest] = []
        for month, numbers in enumerate(MONTHS):
            for place in range(numbers[index]):
                turn += 1
                days = (len(MONTHS) - 1 - month) * DAYS_OF_MONTH + 1 + place * DAYS_OF_MONTH / numbers[index]
                award = Award(
                    issued_at=now - timedelta(days=days),
                    visibility=Visibility.UNLISTED if turn % 4 else Visibility.PUBLIC,
                )
                person = takers[len(requests) * 7 % len(takers)]
                requests.append(IssueRequest(person=person, award=award, is_accepted=bool(turn % 3)))
        issue_badges(template=template, requests=requests, by=by)


def issue_states(templates: Sequence[BadgeTemplate], account: EarnerAccount, *, by: User) -> Shown:
    """Issue badges in every state: valid, soon and long expired, not accepted, accepted, public, revoked."""
    data, web, laboratory, garden = templates[:4]
    now = timezone.now()
    shown = issue_badge(template=data, person=ADA, award=_weather(now), by=by)
    accept_badge(account=account, badge_id=shown.uuid)
    grade = [{"value": "97", "result_description": "grade"}]
    expired = Award(issued_at=now - timedelta(days=900), results=grade)
    issue_badge(template=web, person=GRACE, award=expired, by=by, is_accepted=True)
    for number, person in enumerate((RITA, EMMY, ALAN)):
        soon = Award(issued_at=now - timedelta(days=340 + number * 9))
        issue_badge(template=laboratory, person=person, award=soon, by=by, is_accepted=True)
    issue_badge(template=laboratory, person=ENRICO, award=Award(issued_at=now - timedelta(days=500)), by=by)
    for person in (ENRICO, GALILEO, MARIA):
        issue_badge(template=garden, person=person, award=Award(issued_at=now - timedelta(days=5)), by=by)
    issue_badge(template=web, person=ADA, award=Award(issued_at=now - timedelta(days=40)), by=by)
    mistaken = issue_badge(
        template=web, person=GALILEO, award=Award(issued_at=now - timedelta(days=20)), by=by
    )
    return Shown(
        valid=shown, revoked=revoke_badge(badge=mistaken, reason="Issued for the wrong course.", by=by)
    )


def _weather(now: datetime) -> Award:
    return Award(
        issued_at=now - timedelta(days=2),
        activity_title="Data course, spring group",
        activity_started_at=now - timedelta(days=160),
        activity_ended_at=now - timedelta(days=37),
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


def run_batches(
    templates: Sequence[BadgeTemplate], *, students: EarnersList, course: EarnersList, by: User
) -> None:
    """Issue to lists: one batch is done, one ended with rows that failed, one is paused, and one starts in a week."""
    data, web, laboratory, garden = templates[:4]
    done = Award(
        issued_at=timezone.now() - timedelta(days=100), activity_title="Evening course, summer group"
    )
    run_batch(_batch(data, course, award=done, by=by))
    # Some of the class hold this one, which each earner holds once.
    run_batch(_batch(laboratory, students, by=by))
    pause_batch(batch=_batch(garden, course, by=by), by=by)
    _batch(web, students, starts_at=timezone.now() + timedelta(days=7), by=by)


def _batch(
    template: BadgeTemplate,
    earners_list: EarnersList,
    *,
    by: User,
    award: Award | None = None,
    starts_at: datetime | None = None,
) -> Batch:
    return create_batch(
        template=template,
        earners_list=earners_list,
        award=award,
        report_to=by.email,
        starts_at=starts_at,
        by=by,
    )
