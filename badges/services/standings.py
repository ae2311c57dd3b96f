"""How far earners are on a learning path, worked out from the badges that they hold at this moment."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from badges.models import Badge, BadgeTemplate, PathStep
from earners.models import Earner

WantedStep = tuple[int, Collection[int]]  # how many of them are needed, and templates by their primary keys


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStanding:
    """One step as one earner has it: which of its templates count, since when; and when it was done, or None."""

    step: PathStep
    earned: Mapping[int, datetime]
    done_at: datetime | None

    @property
    def is_done(self) -> bool:
        """Whether enough of its badges are held."""
        return self.done_at is not None

    @property
    def missing(self) -> int:
        """How many badges of further templates the step still needs."""
        return max(0, self.step.needed - len(self.earned))


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStanding:
    """A path as one earner has it, its steps in their order."""

    steps: tuple[StepStanding, ...]

    @property
    def steps_done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def completed_at(self) -> datetime | None:
        """When the last of the steps was done; None while one is not, and for a path without steps."""
        moments = [step.done_at for step in self.steps if step.done_at is not None]
        return max(moments) if moments and len(moments) == len(self.steps) else None

    @property
    def next_step(self) -> StepStanding | None:
        """The first step that is not done: the next one to take, and the only one where they are taken in order."""
        return next((step for step in self.steps if not step.is_done), None)


def progress_of(*, path: BadgeTemplate, earner: Earner, at: datetime | None = None) -> PathStanding:
    """Return how far the earner is on the path at `at` (default: now), whether or not they ever set out on it."""
    return standings(path=path, earners=[earner.pk], at=at)[earner.pk]


def standings(
    *, path: BadgeTemplate, earners: Collection[int], at: datetime | None = None
) -> dict[int, PathStanding]:
    """Return how far each of these earners (primary keys) is on the path, in three queries however many there are.

    Badges count that were issued here and are neither revoked nor expired at `at`; several badges of one template count
    once, from the date of issue of the earliest. A step is done with the badge of the `needed`th of its templates. Where
    steps are taken in order, a step counts only badges whose date of issue is the moment at which the step before it was
    done, or later; before that it counts none. One badge may count for several steps.
    """
    steps = list(PathStep.objects.filter(path=path).order_by("position").prefetch_related("templates"))
    wanted = [(step.needed, [template.pk for template in step.templates.all()]) for step in steps]
    held = _held(wanted, earners, at or timezone.now())
    return {
        earner: PathStanding(
            steps=tuple(
                StepStanding(step=step, earned=earned, done_at=done_at)
                for step, (earned, done_at) in zip(
                    steps, _walk(wanted, held[earner], is_in_order=path.is_path_in_order), strict=True
                )
            )
        )
        for earner in earners
    }


def foreseen_standings(
    *, steps: Sequence[WantedStep], in_order: bool, earners: Collection[int], at: datetime | None = None
) -> dict[int, int]:
    """Return how many of these steps each earner has done, by the same rules, whether or not a path has such steps."""
    held = _held(steps, earners, at or timezone.now())
    return {
        earner: sum(
            done_at is not None for _earned, done_at in _walk(steps, held[earner], is_in_order=in_order)
        )
        for earner in earners
    }


def _held(
    steps: Sequence[WantedStep], earners: Collection[int], at: datetime
) -> dict[int, dict[int, list[datetime]]]:
    """Return when each earner was issued the badges of each template that count, earliest first."""
    templates = {template for _needed, wanted in steps for template in wanted}
    held: dict[int, dict[int, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    badges = Badge.objects.counted().valid(at)
    found = badges.filter(template__in=templates, earner__in=earners).order_by("issued_at")
    for earner, template, issued_at in found.values_list("earner_id", "template_id", "issued_at"):
        held[earner][template].append(issued_at)
    return held


def _walk(
    steps: Sequence[WantedStep], held: Mapping[int, Sequence[datetime]], *, is_in_order: bool
) -> Iterator[tuple[dict[int, datetime], datetime | None]]:
    """Yield of each step which of its templates one earner has, since when; and when it was done, or None."""
    since: datetime | None = None
    is_blocked = False
    for needed, templates in steps:
        earned: dict[int, datetime] = {}
        for template in () if is_blocked else templates:
            counting = (moment for moment in held.get(template, ()) if since is None or moment >= since)
            first = next(counting, None)
            if first is not None:
                earned[template] = first
        moments = sorted(earned.values())
        done_at = moments[needed - 1] if len(moments) >= needed else None
        yield earned, done_at
        if is_in_order:
            since, is_blocked = done_at, done_at is None
