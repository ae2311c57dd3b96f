"""Learning paths: their steps are set, and whoever has done them is given the path's badge, once.

Rows are taken in the order of issuing.py: templates, organization, what is written below them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.exceptions import NotALearningPath, TemplateNotChangeable
from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.awards import IssueRequest
from badges.services.issuing import issue_badges
from badges.services.progress import mark_path_due, mark_problems_due
from badges.services.standings import foreseen_standings, standings
from config.exceptions import InvalidInput, RuleBroken
from earners.models import Earner
from earners.services import Person
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.exceptions import NotEnoughCredits
from organizations.models import Organization
from organizations.services.audit import note_act
from organizations.services.organizations import require_enabled

MAX_STEPS = 50
MAX_TEMPLATES = 50  # of a step
MAX_FORESEEN = 5000  # earners that are looked at before steps are set


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStepSpec:
    """A step to be: done with badges of `needed` different ones of the templates."""

    title: str = ""
    needed: int = 1
    templates: Sequence[BadgeTemplate]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathForesight:
    """What setting steps would do: who has all of them and is given the badge, who has some; `is_partial` when more were
    to be looked at than one looks at beforehand."""

    complete: int
    under_way: int
    is_partial: bool


def set_path_steps(
    *,
    path: BadgeTemplate,
    steps: Sequence[PathStepSpec] | None = None,
    in_order: bool | None = None,
    by: Actor | None,
) -> list[PathStep]:
    """Replace the steps of a learning path, say whether they are taken in order, or both; return the steps.

    An empty sequence leaves it without any. None keeps what there is, whatever somebody else makes of it meanwhile.

    Everybody who is on the path or has a badge of one of its steps is looked at anew by the next worker, so that badges
    earned before the path existed count; badges of the path that are out stay. Raises NotALearningPath,
    TemplateNotChangeable, OrganizationDisabled, and InvalidInput with the dotted name of what is at fault
    ("steps.0.needed", "steps.0.templates.1").
    """
    _check_shape(steps or ())
    wanted = {path.pk} | {template.pk for spec in steps or () for template in spec.templates}
    with transaction.atomic():
        # The rows of the steps' templates too: a badge that is just being issued from one of them either sees the new
        # steps, or is seen when the holders are noted.
        taken = BadgeTemplate.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        found = {template.pk: template for template in taken}
        path = found[path.pk]
        # Two changes that make a circle only together: the second one waits here, and then sees the first.
        organization = Organization.objects.select_for_update(no_key=True).get(pk=path.organization_id)
        require_enabled(organization)
        if path.is_archived:
            raise TemplateNotChangeable
        if not path.is_learning_path:
            raise NotALearningPath
        if steps is None:
            rows = list(PathStep.objects.filter(path=path).order_by("position"))
        else:
            _check_templates(path, steps, found)
            rows = _replace_steps(path, steps)
        if in_order is not None:
            path.is_path_in_order = in_order
        path.save(update_fields=["is_path_in_order", "updated_at"])
        mark_path_due(path)
        note_act(
            organization=organization,
            act=AuditAct.PATH_CHANGED,
            by=by,
            subject=path.uuid,
            label=str(path),
            details={"steps": len(rows), "in_order": path.is_path_in_order},
        )
    return rows


def foresee_steps(*, path: BadgeTemplate, steps: Sequence[PathStepSpec], in_order: bool) -> "PathForesight":
    """Return whom these steps would give the path's badge at once, were they set now; nothing is changed.

    Looks at the first MAX_FORESEEN earners who hold a badge of one of the steps. Raises InvalidInput as set_path_steps does.
    """
    _check_shape(steps)
    templates = {template.pk for spec in steps for template in spec.templates}
    held = Badge.objects.counted().valid(timezone.now()).filter(template__in=templates)
    earners = held.order_by().values_list("earner_id", flat=True).distinct()
    looked_at = list(earners[: MAX_FORESEEN + 1])
    awarded = set(
        PathProgress.objects.awarded()
        .filter(path=path, earner__in=looked_at[:MAX_FORESEEN])
        .values_list("earner_id", flat=True)
    )
    found = foreseen_standings(
        steps=[(spec.needed, {template.pk for template in spec.templates}) for spec in steps],
        in_order=in_order,
        earners=[pk for pk in looked_at[:MAX_FORESEEN] if pk not in awarded],
    )
    return PathForesight(
        complete=sum(done == len(steps) for done in found.values()) if steps else 0,
        under_way=sum(0 < done < len(steps) for done in found.values()),
        is_partial=len(looked_at) > MAX_FORESEEN,
    )


def _replace_steps(path: BadgeTemplate, steps: Sequence[PathStepSpec]) -> list[PathStep]:
    PathStep.objects.filter(path=path).delete()
    rows = PathStep.objects.bulk_create(
        PathStep(path=path, position=position, title=spec.title.strip(), needed=spec.needed)
        for position, spec in enumerate(steps, start=1)
    )
    through = PathStep.templates.through
    through.objects.bulk_create(
        through(pathstep_id=row.pk, badgetemplate_id=template.pk)
        for row, spec in zip(rows, steps, strict=True)
        for template in spec.templates
    )
    return rows


def complete_due_paths(*, limit: int = 200) -> int:
    """Look at the progress of at most `limit` earners that is due, and issue paths' badges to those who have all steps.

    Returns how many were looked at. Any number of workers may call it at once, and be killed: each path's earners are one
    transaction, in which the badge, the progress and the note that it is due change together. A refusal (LimitReached,
    NotEnoughCredits, TemplateNotIssuable, OrganizationDisabled, ...) is kept in `problem`, and tried again when the earner's
    badges, the steps or the rules change, or by retry_path_progress. A path's badge is issued once per earner: one that
    was revoked is not issued again, and it stays when a badge of a step is revoked or expires later.
    """
    looked_at = 0
    tried: set[int] = set()
    while looked_at < limit:
        due = PathProgress.objects.due().exclude(path__in=tried)
        path = due.values_list("path_id", flat=True).first()
        if path is None:
            break
        tried.add(path)
        looked_at += _look_at(path, limit - looked_at)
    return looked_at


def retry_path_progress(*, path: BadgeTemplate, earner: Earner | None = None, by: Actor | None) -> int:
    """Have the path's badge tried again for those to whom it was refused, or for this one; return how many will be.

    Raises OrganizationDisabled.
    """
    del by
    with transaction.atomic():
        require_enabled(Organization.objects.get(pk=path.organization_id))
        return mark_problems_due(path, earner)


def _look_at(path_pk: int, limit: int) -> int:
    """Look at one path's earners, in one transaction; return how many. None where another worker is at the path."""
    with transaction.atomic():
        taken = BadgeTemplate.objects.select_for_update(skip_locked=True, no_key=True)
        path = taken.filter(pk=path_pk).first()
        if path is None:
            return 0
        # With the organization's row nobody can note anything in between: what is cleared below is what was looked at.
        Organization.objects.select_for_update(no_key=True).only("pk").get(pk=path.organization_id)
        rows = list(PathProgress.objects.due().filter(path=path).select_for_update()[:limit])
        if not path.is_learning_path:
            PathProgress.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=None)
            return len(rows)
        now = timezone.now()
        found = standings(path=path, earners=[row.earner_id for row in rows], at=now)
        complete = []
        for row in rows:
            standing = found[row.earner_id]
            row.steps_done, row.problem, row.due_at = standing.steps_done, "", None
            if row.badge_id is None:
                row.completed_at = standing.completed_at
                if row.completed_at is not None:
                    complete.append(row)
        _award(path, complete, now)
        _save(rows)
    return len(rows)


def _award(path: BadgeTemplate, rows: Sequence[PathProgress], now: datetime) -> None:
    """Put the path's badge into each of the rows, or the reason why there is none."""
    waiting = list(rows)
    if path.is_unique:
        # Who was given the badge by hand has it: it stands for the path's, as there can be no second one.
        held = {
            badge.earner_id: badge
            for badge in Badge.objects.valid(now).filter(
                template=path, holds_place=True, earner__in=[row.earner_id for row in rows]
            )
        }
        for row in rows:
            row.badge = held.get(row.earner_id)
        waiting = [row for row in rows if row.badge is None]
    if not waiting:
        return
    earners = Earner.objects.in_bulk([row.earner_id for row in waiting])
    requests = [
        IssueRequest(
            person=Person(email=earner.email, first_name=earner.first_name, last_name=earner.last_name)
        )
        for earner in (earners[row.earner_id] for row in waiting)
    ]
    for row, answer in zip(waiting, _issued(path, requests), strict=True):
        if isinstance(answer, Badge):
            row.badge = answer
        else:
            row.problem = answer.message[: PathProgress._meta.get_field("problem").max_length]


def _issued(path: BadgeTemplate, requests: Sequence[IssueRequest]) -> list[Badge | RuleBroken]:
    """Issue the path's badge for each request, or say why not. Credits that do not suffice for all go to the first ones."""
    try:
        return issue_badges(template=path, requests=requests, by=None, issued_by=_("learning path"))
    except NotEnoughCredits as refusal:
        if len(requests) == 1:
            return [refusal]
        half = len(requests) // 2
        first = _issued(path, requests[:half])
        if isinstance(first[-1], NotEnoughCredits):
            return [*first, *[refusal] * (len(requests) - half)]
        return [*first, *_issued(path, requests[half:])]
    except RuleBroken as refusal:
        return [refusal] * len(requests)


def _save(rows: Sequence[PathProgress]) -> None:
    """Write rows that are there: as one INSERT that becomes their update, many times quicker than bulk_update's CASEs."""
    PathProgress.objects.bulk_create(
        [
            PathProgress(
                path_id=row.path_id,
                earner_id=row.earner_id,
                steps_done=row.steps_done,
                completed_at=row.completed_at,
                badge=row.badge,
                problem=row.problem,
                due_at=row.due_at,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["path", "earner"],
        update_fields=["steps_done", "completed_at", "badge", "problem", "due_at", "updated_at"],
    )


def _check_shape(steps: Sequence[PathStepSpec]) -> None:
    """Refuse what is wrong with the steps whatever is in the database."""
    if len(steps) > MAX_STEPS:
        raise InvalidInput(_("A path has at most %(limit)d steps.") % {"limit": MAX_STEPS}, field="steps")
    for number, spec in enumerate(steps):
        if len(spec.title.strip()) > 255:
            raise InvalidInput(_("A title has at most 255 characters."), field=f"steps.{number}.title")
        if not spec.templates:
            raise InvalidInput(
                _("Choose at least one badge template for this step."), field=f"steps.{number}.templates"
            )
        if len(spec.templates) > MAX_TEMPLATES:
            raise InvalidInput(
                _("A step has at most %(limit)d badge templates.") % {"limit": MAX_TEMPLATES},
                field=f"steps.{number}.templates",
            )
        seen: set[int] = set()
        for index, template in enumerate(spec.templates):
            if template.pk in seen:
                raise InvalidInput(
                    _("“%(title)s” is there twice.") % {"title": template},
                    field=f"steps.{number}.templates.{index}",
                )
            seen.add(template.pk)
        if not 1 <= spec.needed <= len(spec.templates):
            raise InvalidInput(
                _("Enter a number from 1 to %(count)d: so many badge templates the step has.")
                % {"count": len(spec.templates)},
                field=f"steps.{number}.needed",
            )


def _check_templates(
    path: BadgeTemplate, steps: Sequence[PathStepSpec], found: dict[int, BadgeTemplate]
) -> None:
    """Refuse templates that cannot be in a step of the path."""
    ancestors = _paths_that_lead_from(path)
    had = set(PathStep.objects.filter(path=path).values_list("templates", flat=True))
    for number, spec in enumerate(steps):
        for index, template in enumerate(spec.templates):
            row = found[template.pk]
            refusal = None
            if row.organization_id != path.organization_id:
                # As if it were not there: its title is not this organization's to read.
                refusal = _("There is no such badge template in this organization.")
            elif row.pk == path.pk:
                refusal = _("A path cannot be a step of itself.")
            elif row.pk in ancestors:
                refusal = _(
                    "“%(title)s” has this path among its own steps, so nobody could ever complete them."
                ) % {"title": row}
            elif row.is_archived and row.pk not in had:
                refusal = _("“%(title)s” is archived. Restore it, or choose another one.") % {"title": row}
            if refusal is not None:
                raise InvalidInput(refusal, field=f"steps.{number}.templates.{index}")


def _paths_that_lead_from(path: BadgeTemplate) -> set[int]:
    """Return the templates that have the path in one of their steps, or have one that has: by any number of steps."""
    reached: set[int] = set()
    level = {path.pk}
    while level:
        level = set(PathStep.objects.filter(templates__in=level).values_list("path_id", flat=True)) - reached
        reached |= level
    return reached
