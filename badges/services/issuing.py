"""Issuing: the one way in which badges come to be, one or many at a time, in one transaction or not at all."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import ob3
from badges.credentials.recipients import new_salt
from badges.enums import DocumentKind
from badges.exceptions import BadgeAlreadyHeld, LimitReached, TemplateNotIssuable
from badges.models import Badge, BadgeDocument, BadgeTemplate, BadgeTemplateVersion, PathStep
from badges.services.awards import Award, IssueRequest, checked_award
from badges.services.progress import mark_due
from badges.services.statuses import take_places
from badges.services.tallies import tally_issued
from badges.services.values import achievement_of, award_of, check_award, status_entry
from badges.services.versions import current_version
from config.exceptions import RuleBroken
from config.statements import Statement
from config.text import folded
from earners.models import Earner
from earners.services import Person, add_earners, checked_email
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct, MessageKind
from organizations.models import Message
from organizations.services.audit import note_act
from organizations.services.inserting import insert
from organizations.services.organizations import require_enabled
from organizations.services.outbox import write_messages
from organizations.services.wallet import count_badges

# Written out, as what every badge goes through: Django takes longer to put it together than the database to run it.
COUNT_ON_TEMPLATE = """
    UPDATE badges_badgetemplate SET badges_count = badges_count + %s
    WHERE id = %s AND ("limit" IS NULL OR "limit" >= badges_count + %s)
"""


def issue_badge(
    *,
    template: BadgeTemplate,
    person: Person,
    award: Award | None = None,
    by: Actor | None,
    issued_by: str | None = None,
    is_announced: bool = True,
    is_accepted: bool = False,
    is_part: bool = False,
) -> Badge:
    """Issue one badge: counted, paid, signed, with its place in the status list, and a mail to the earner in the outbox.

    Raises what is in the way, and then nothing has changed: TemplateNotIssuable, OrganizationDisabled, LimitReached,
    NotEnoughCredits, BadgeAlreadyHeld, KeyNotUsable, InvalidInput, Unsignable. `issued_by` says who where `by` is not it.
    `is_accepted` tells that the earner themself asked for it, and so accepts it. With `is_part` it is a part of the caller's
    transaction, which the caller undoes as a whole where this raises.
    """
    request = IssueRequest(person=person, award=award or Award(), is_accepted=is_accepted)
    with transaction.atomic(savepoint=not is_part):
        [outcome] = _issue(template, [request], by, issued_by, is_prepaid=False, is_announced=is_announced)
        if isinstance(outcome, RuleBroken):
            raise outcome
        if by is not None:  # what earners claim, and what a path gives, nobody of the organization did
            note_act(
                organization=outcome.organization,
                act=AuditAct.BADGE_ISSUED,
                by=by,
                subject=outcome.uuid,
                label=outcome.recipient_email,
                details={"template": str(outcome.version)},
            )
    return outcome


def issue_badges(
    *,
    template: BadgeTemplate,
    requests: Sequence[IssueRequest],
    by: Actor | None,
    issued_by: str | None = None,
    is_prepaid: bool = False,
    is_announced: bool = True,
) -> list[Badge | RuleBroken]:
    """Issue a badge for each request, or say why not; one answer per request, in order. One transaction.

    What concerns one request alone (a bad address, a badge held already, no place left under the limit) is its answer, and
    the others are issued. What concerns all is raised and nothing is issued: TemplateNotIssuable, OrganizationDisabled,
    NotEnoughCredits, KeyNotUsable. With `is_prepaid` no credits are taken: a batch took them before. Rows are taken in the
    order template, organization, status list, here and in revoke_badge, so that no two transactions wait for each other.
    """
    with transaction.atomic():
        return _issue(template, requests, by, issued_by, is_prepaid=is_prepaid, is_announced=is_announced)


_template_to_issue: Statement[BadgeTemplate] = Statement(
    lambda places: (
        BadgeTemplate.objects.select_related("organization")
        .annotate(
            counts_for_paths=Exists(PathStep.templates.through.objects.filter(badgetemplate=OuterRef("pk")))
        )
        .filter(pk=places.number("template"))
        .order_by()
    )
)


def _issue(
    template: BadgeTemplate,
    requests: Sequence[IssueRequest],
    by: Actor | None,
    issued_by: str | None,
    *,
    is_prepaid: bool,
    is_announced: bool,
) -> list[Badge | RuleBroken]:
    """Do what issue_badges promises, in the transaction of the caller."""
    has_room = _count_on_template(template, len(requests))
    template = _template_to_issue.rows(template=template.pk)[0]
    counts_for_paths: bool = template.counts_for_paths  # type: ignore[attr-defined]  # annotated
    organization, version = template.organization, current_version(template)
    require_enabled(organization)
    if not template.is_issuable or version is None:
        raise TemplateNotIssuable
    answers: list[Badge | RuleBroken | None] = [None] * len(requests)
    wanted: list[_Wanted] = []
    for index, request in enumerate(requests):
        try:
            wanted.append(_checked(index, request, template, version))
        except RuleBroken as refusal:
            answers[index] = refusal
    if template.is_unique:
        wanted = _without_holders(template, wanted, answers)
    wanted = _within_limit(template, wanted, answers, counted=len(requests) if has_room else 0)
    if wanted:
        last_number = count_badges(
            organization=organization,
            badges=len(wanted),
            credits=0 if is_prepaid else len(wanted),
            description=_("%(count)d × %(title)s") % {"count": len(wanted), "title": version.title},
            by=by,
        )
        earners = add_earners(organization=organization, people=[item.request.person for item in wanted])
        badges = _new_badges(
            template,
            version,
            wanted,
            earners,
            first_number=last_number - len(wanted) + 1,
            issued_by=issued_by or label_of(by),
        )
        tally_issued(organization, badges)
        if counts_for_paths:
            mark_due(template, badges)
        for item, badge in zip(wanted, badges, strict=True):
            answers[item.index] = badge
        if is_announced:
            write_messages(
                [
                    Message(
                        organization=organization,
                        kind=MessageKind.BADGE_ISSUED,
                        subject=badge.uuid,
                        recipient=badge.recipient_email,
                    )
                    for badge in badges
                ]
            )
    return [answer for answer in answers if answer is not None]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request that passed the checks of its own, with its place among the requests."""

    index: int
    request: IssueRequest
    email_key: str


def _checked(
    index: int, request: IssueRequest, template: BadgeTemplate, version: BadgeTemplateVersion
) -> _Wanted:
    person = request.person
    email = checked_email(person.email)
    award = checked_award(request.award, validity_days=template.validity_days)
    person = Person(email=email, first_name=person.first_name.strip(), last_name=person.last_name.strip())
    check_award(person, award, version)
    return _Wanted(
        index,
        IssueRequest(
            person=person, award=award, batch_row=request.batch_row, is_accepted=request.is_accepted
        ),
        folded(email),
    )


def _without_holders(
    template: BadgeTemplate, wanted: list[_Wanted], answers: list[Badge | RuleBroken | None]
) -> list[_Wanted]:
    """Refuse those who hold the template's one badge. One that expired gives its place to the new one: that is renewal."""
    now = timezone.now()
    held = {
        badge.earner.email_key: badge
        for badge in Badge.objects.filter(
            template=template, holds_place=True, earner__email_key__in={item.email_key for item in wanted}
        ).select_related("earner")
    }
    expired = [
        badge.pk for badge in held.values() if badge.expires_at is not None and badge.expires_at <= now
    ]
    Badge.objects.filter(pk__in=expired).update(holds_place=False)
    remaining: list[_Wanted] = []
    taken: set[str] = set()
    for item in wanted:
        holder = held.get(item.email_key)
        if holder is not None and holder.pk not in expired:
            answers[item.index] = BadgeAlreadyHeld(badge_url=holder.public_url)
        elif item.email_key in taken:
            answers[item.index] = BadgeAlreadyHeld()
        else:
            taken.add(item.email_key)
            remaining.append(item)
    return remaining


def _count_on_template(template: BadgeTemplate, count: int) -> bool:
    """Count badges under the template's limit, all or none; return whether there was room. Takes the template's row."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ON_TEMPLATE, [count, template.pk, count])
        if cursor.rowcount:
            return True
    BadgeTemplate.objects.filter(pk=template.pk).update(badges_count=F("badges_count"))
    return False


def _within_limit(
    template: BadgeTemplate, wanted: list[_Wanted], answers: list[Badge | RuleBroken | None], *, counted: int
) -> list[_Wanted]:
    """Make the template's count right: `counted` badges were counted before it was known who is refused.

    Where there was no room for all of them, none was counted: as many as fit are, and the last ones are refused.
    """
    if not counted and template.limit is not None:
        room = max(0, template.limit - template.badges_count)
        for item in wanted[room:]:
            answers[item.index] = LimitReached()
        wanted = wanted[:room]
    if len(wanted) != counted:
        BadgeTemplate.objects.filter(pk=template.pk).update(
            badges_count=F("badges_count") + len(wanted) - counted
        )
    return wanted


def _new_badges(
    template: BadgeTemplate,
    version: BadgeTemplateVersion,
    wanted: list[_Wanted],
    earners: dict[str, Earner],
    *,
    first_number: int,
    issued_by: str,
) -> list[Badge]:
    """Insert the badges and their signed credentials."""
    organization = template.organization
    signatory, status_list, positions = take_places(organization, len(wanted))
    now = timezone.now()
    badges = [
        Badge(
            uuid=uuid.uuid4(),
            organization=organization,
            number=number,
            template=template,
            version=version,
            earner=earners[item.email_key],
            batch_row=item.request.batch_row,
            recipient_email=item.request.person.email,
            recipient_first_name=item.request.person.first_name,
            recipient_last_name=item.request.person.last_name,
            recipient_salt=new_salt(),
            issued_at=item.request.award.issued_at or now,
            expires_at=item.request.award.expires_at,
            activity_title=item.request.award.activity_title,
            activity_started_at=item.request.award.activity_started_at,
            activity_ended_at=item.request.award.activity_ended_at,
            narrative=item.request.award.narrative,
            evidence=item.request.award.evidence,
            results=item.request.award.results,
            notes=item.request.award.notes,
            additional_details=item.request.award.additional_details,
            visibility=item.request.award.visibility,
            holds_place=template.is_unique,
            accepted_at=now if item.request.is_accepted else None,
            status_list=status_list,
            status_index=position,
            issued_by=issued_by,
        )
        for number, (item, position) in enumerate(zip(wanted, positions, strict=True), start=first_number)
    ]
    issuer, achievement = ob3.profile(signatory.issuer), ob3.achievement(achievement_of(version))
    bodies = [
        signatory.sign(ob3.credential(issuer, achievement, award_of(badge), status_entry(badge)))
        for badge in badges
    ]
    if version.sealed_at is None:
        BadgeTemplateVersion.objects.filter(pk=version.pk).update(sealed_at=timezone.now())
    insert(badges)
    insert(
        [
            BadgeDocument(badge=badge, kind=DocumentKind.OB3, body=body, signing_key=signatory.key)
            for badge, body in zip(badges, bodies, strict=True)
        ]
    )
    return badges
