"""What issuing would do, before it is done: to how many, who has the badge already, what it costs. And doing it once."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.exceptions import TemplateNotIssuable
from badges.models import Badge, BadgeTemplate
from badges.services.awards import Award, checked_award
from badges.services.batches import checked_start, create_batch
from badges.services.findings import Finding, Level
from badges.services.issuing import issue_badge
from badges.services.values import check_award
from badges.services.verifiability import check_issuer
from config.exceptions import InvalidInput
from config.text import folded
from earners.models import EarnersList, ListMembership
from earners.services import Person, in_chunks
from earners.services.people import planned_for_values
from organizations.actors import Actor
from organizations.models import IdempotentRequest, Organization
from organizations.services.idempotency import answer_once

NAMED = 5  # people whose names stand in a summary
KEYS_AT_ONCE = 20_000  # SQLite takes 32,766 values in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is to get the badge: people with checked addresses, each once, or all who are on a list."""

    people: Sequence[Person] = ()
    earners_list: EarnersList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be issued to an audience: the words of the badges, whether earners are told, when, and who is told then."""

    award: Award = field(default_factory=Award)
    is_announced: bool = True
    report_to: str = ""
    starts_at: datetime | None = None
    leaves_out_holders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePlan:
    """What issuing would do at this moment.

    `count` people get the badge, the first of them are called `names`. `holders_count` have it now, and `left_out_count` of
    them get no further one. `room` is how many the template's limit still allows, None for any number. `findings` are what
    speaks against these badges verifying elsewhere.
    """

    count: int
    names: tuple[str, ...]
    holders_count: int
    left_out_count: int
    credits_left: int
    is_enforced: bool
    room: int | None
    findings: tuple[Finding, ...]

    @property
    def credits_after(self) -> int:
        """What stays in the wallet."""
        return self.credits_left - self.count

    @property
    def further_count(self) -> int:
        """How many get it beside those who are named."""
        return max(0, self.count - len(self.names))

    @property
    def lacks_credits(self) -> bool:
        """Whether the wallet is too empty for it."""
        return self.is_enforced and self.credits_after < 0

    @property
    def beyond_limit(self) -> int:
        """How many would be refused because of the template's limit."""
        return max(0, self.count - self.room) if self.room is not None else 0

    @property
    def is_possible(self) -> bool:
        """Whether somebody would get a badge."""
        return self.count > 0 and not self.lacks_credits and self.room != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What issuing once came to: a badge, or a batch, by their public ids."""

    badge: UUID | None = None
    batch: UUID | None = None


def check_wish(*, template: BadgeTemplate, wish: Wish) -> None:
    """Look at what is said of all badges before anybody is chosen. Raises what issuing would: InvalidInput, Unsignable, ...

    Fields are those of Award and of create_batch.
    """
    if not template.is_issuable or template.current_version is None:
        raise TemplateNotIssuable
    starts_at = checked_start(wish.starts_at, wish.award)
    if starts_at is not None and wish.award.issued_at is not None and wish.award.issued_at > timezone.now():
        raise InvalidInput(
            _("Leave this empty: badges that start later get the date of that day."), field="issued_at"
        )
    checked_award(wish.award, validity_days=template.validity_days)
    check_award(Person(email=""), wish.award, template.current_version)


def plan_issue(*, template: BadgeTemplate, audience: Audience, leaves_out_holders: bool) -> IssuePlan:
    """Return what issuing to an audience would do now. Changes nothing.

    Who holds a badge that is given once is left out in any case.
    """
    organization = template.organization
    is_leaving_out = leaves_out_holders or template.is_unique
    if audience.earners_list is not None:
        total = audience.earners_list.memberships.count()
        holders = _members(audience.earners_list, template, are_holders=True).count()
        wanted = (
            _members(audience.earners_list, template, are_holders=False)
            if is_leaving_out
            else audience.earners_list.memberships.all()
        )
        names = tuple(
            _name(member.first_name, member.last_name, member.earner.email)
            for member in wanted.select_related("earner").order_by("pk")[:NAMED]
        )
    else:
        total = len(audience.people)
        held = _held_keys(template, audience.people)
        holders = len(held)
        getting = (
            person for person in audience.people if not (is_leaving_out and folded(person.email) in held)
        )
        names = tuple(
            _name(person.first_name, person.last_name, person.email)
            for _number, person in zip(range(NAMED), getting, strict=False)
        )
    left_out = holders if is_leaving_out else 0
    return IssuePlan(
        count=total - left_out,
        names=names,
        holders_count=holders,
        left_out_count=left_out,
        credits_left=organization.credits_left,
        is_enforced=settings.CREDITS == "enforced",
        room=None if template.limit is None else max(0, template.limit - template.badges_count),
        findings=tuple(finding for finding in check_issuer(organization) if finding.level is not Level.OK),
    )


def issue_once(
    *,
    token: str,
    template: BadgeTemplate,
    audience: Audience,
    wish: Wish,
    expected: int | None = None,
    by: Actor | None,
) -> Done:
    """Issue to an audience, once for each token, and return what it came to, also to whoever comes again with the token.

    One person gets the badge at once, several through a batch; and one too where it starts later. `expected` is how many
    people were told of: when they are more or fewer meanwhile, InvalidInput is raised and nothing is issued. Raises what
    issue_badge and create_batch do.
    """

    def act() -> tuple[int, str]:
        done = _issue(template, audience, wish, expected, by)
        values = {"badge": done.badge and str(done.badge), "batch": done.batch and str(done.batch)}
        return 201, json.dumps(values)

    key = _key(token)
    (_status, body), _is_earlier = answer_once(
        organization=template.organization,
        key=key,
        fingerprint=hashlib.sha256(key.encode()).hexdigest(),
        act=act,
    )
    return _done(body)


def issued_before(*, organization: Organization, token: str) -> Done | None:
    """Return what issuing with this token came to, if it was done within the last day."""
    row = IdempotentRequest.objects.filter(organization=organization, key=_key(token)).first()
    return _done(row.body) if row is not None and row.body else None


def _issue(
    template: BadgeTemplate, audience: Audience, wish: Wish, expected: int | None, by: Actor | None
) -> Done:
    with transaction.atomic():
        template = BadgeTemplate.objects.select_related("organization", "current_version").get(pk=template.pk)
        check_wish(template=template, wish=wish)
        is_leaving_out = wish.leaves_out_holders or template.is_unique
        people = list(audience.people)
        earners_list = audience.earners_list
        if is_leaving_out and earners_list is None:
            held = _held_keys(template, people)
            people = [person for person in people if folded(person.email) not in held]
        members = None
        if earners_list is not None:
            members = (
                _members(earners_list, template, are_holders=False)
                if is_leaving_out
                else earners_list.memberships.all()
            )
        count = members.count() if members is not None else len(people)
        if expected is not None and count != expected:
            raise InvalidInput(
                ngettext(
                    "Meanwhile it is %(count)d person. Nothing was issued: please look again.",
                    "Meanwhile these are %(count)d people. Nothing was issued: please look again.",
                    count,
                )
                % {"count": count}
            )
        if count == 1 and wish.starts_at is None:
            [person] = people if members is None else list(_people_of(members))
            badge = issue_badge(
                template=template, person=person, award=wish.award, is_announced=wish.is_announced, by=by
            )
            return Done(badge=badge.uuid)
        is_whole_list = members is not None and not is_leaving_out
        named: Iterator[Person] | list[Person] = people if members is None else _people_of(members)
        batch = create_batch(
            template=template,
            earners_list=earners_list if is_whole_list else None,
            people=None if is_whole_list else ((person, {}) for person in named),
            award=wish.award,
            is_announced=wish.is_announced,
            report_to=wish.report_to,
            starts_at=wish.starts_at,
            by=by,
        )
        return Done(batch=batch.uuid)


def _key(token: str) -> str:
    return f"issue:{token}"


def _done(body: str) -> Done:
    values: Mapping[str, Any] = json.loads(body)
    return Done(**{name: UUID(value) if value else None for name, value in values.items()})


def _name(first_name: str, last_name: str, email: str) -> str:
    return f"{first_name} {last_name}".strip() or email


def _held(template: BadgeTemplate) -> "QuerySet[Badge]":
    """Return the badges of a template that are held now; of one that is given once, those that keep the place."""
    held = Badge.objects.valid().filter(template=template)
    return held.filter(holds_place=True) if template.is_unique else held


def _held_keys(template: BadgeTemplate, people: Sequence[Person]) -> set[str]:
    """Return the folded addresses of those who hold a badge of the template now."""
    keys: set[str] = set()
    with transaction.atomic():
        for chunk in in_chunks((folded(person.email) for person in people), KEYS_AT_ONCE):
            with planned_for_values(len(chunk)):
                keys.update(
                    _held(template)
                    .filter(earner__organization=template.organization_id, earner__email_key__in=chunk)
                    .values_list("earner__email_key", flat=True)
                )
    return keys


def _members(
    earners_list: EarnersList, template: BadgeTemplate, *, are_holders: bool
) -> "QuerySet[ListMembership]":
    """Return who on a list holds a badge of the template now, or who does not."""
    holds = Exists(_held(template).filter(earner=OuterRef("earner")))
    return earners_list.memberships.filter(holds if are_holders else ~holds)


def _people_of(members: "QuerySet[ListMembership]") -> Iterator[Person]:
    for member in members.select_related("earner").order_by("pk").iterator(chunk_size=1000):
        yield Person(email=member.earner.email, first_name=member.first_name, last_name=member.last_name)
