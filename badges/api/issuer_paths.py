"""Learning paths in the issuer API: their steps, and how far earners are on them."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from badges.api import issuer_examples as examples
from badges.api.issuer_path_filters import PathFilters, ProgressFilters
from badges.api.issuer_template_access import TEMPLATE, TemplateView
from badges.enums import TemplateStatus, TemplateType
from badges.models import BadgeTemplate, PathProgress, PathStep
from badges.services.paths import MAX_STEPS, MAX_TEMPLATES, PathStepSpec, retry_path_progress, set_path_steps
from config.api.issuer.documentation import documented
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import FlagField, Input, Shape, TextField, WholeField, timestamp
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from config.api.issuer.wording import sentence
from config.exceptions import InvalidInput
from organizations.api.issuer_access import no_such

TAG = "Learning paths"


class StepShape(Shape):
    """A step: done with badges of `needed` different ones of the templates."""

    position = serializers.IntegerField(help_text="From 1.")
    title = serializers.CharField(allow_null=True)
    needed = serializers.IntegerField()
    badge_template_ids = serializers.ListField(child=serializers.UUIDField())


class PathShape(Shape):
    """A learning path: the badge template whose badge is issued by itself to whoever has done all steps."""

    example = examples.PATH
    id = serializers.UUIDField(help_text="Of the badge template.")
    title = serializers.CharField()
    code = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(TemplateType.choices)
    status = serializers.ChoiceField(TemplateStatus.choices)
    is_published = FlagField()
    is_learning_path = FlagField()
    badges_count = serializers.IntegerField(help_text="Badges of the path issued and not revoked.")
    in_order = FlagField(help_text="The steps are taken one after the other.")
    steps = StepShape(many=True)
    created_at = serializers.CharField()
    updated_at = serializers.CharField()


class ProgressShape(Shape):
    """How far an earner is on a path."""

    example = examples.PROGRESS
    earner_id = serializers.UUIDField()
    recipient_email = serializers.CharField()
    recipient_first_name = serializers.CharField(allow_null=True)
    recipient_last_name = serializers.CharField(allow_null=True)
    steps_done = serializers.IntegerField()
    steps_total = serializers.IntegerField()
    completed_at = serializers.CharField(allow_null=True, help_text="When the last step was done.")
    badge_id = serializers.UUIDField(allow_null=True, help_text="The path's badge.")
    problem = serializers.CharField(allow_null=True, help_text="Why the path's badge was refused.")
    pending = FlagField(help_text="1 while a worker has yet to look at it.")
    updated_at = serializers.CharField()


class StepInput(Input):
    """A step."""

    title = TextField(required=False, allow_null=True)
    needed = WholeField(required=False, min_value=1, help_text="1 unless told.")
    badge_template_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MAX_TEMPLATES
    )


class PathInput(Input):
    """What of a path changes: steps are replaced as a whole."""

    example = examples.STEPS
    in_order = FlagField(required=False)
    steps: "serializers.ListSerializer[Any]" = serializers.ListSerializer(
        child=StepInput(), required=False, max_length=MAX_STEPS
    )


def path_body(template: BadgeTemplate) -> dict[str, Any]:
    """Return a path as PathShape says. Its current version, its steps and their templates must be loaded (with_steps)."""
    version = template.current_version
    return {
        "id": str(template.uuid),
        "title": version.title if version is not None else template.slug,
        "code": template.code or None,
        "type": version.type if version is not None else None,
        "status": template.status,
        "is_published": int(template.is_published),
        "is_learning_path": int(template.is_learning_path),
        "badges_count": template.badges_count,
        "in_order": int(template.is_path_in_order),
        "steps": [
            {
                "position": step.position,
                "title": step.title or None,
                "needed": step.needed,
                "badge_template_ids": [str(one.uuid) for one in step.templates.all()],
            }
            for step in template.path_steps.all()
        ],
        "created_at": timestamp(template.created_at),
        "updated_at": timestamp(template.updated_at),
    }


def progress_body(progress: PathProgress, steps_total: int) -> dict[str, Any]:
    """Return progress as ProgressShape says. Its earner and its badge must be loaded."""
    earner = progress.earner
    return {
        "earner_id": str(earner.uuid),
        "recipient_email": earner.email,
        "recipient_first_name": earner.first_name or None,
        "recipient_last_name": earner.last_name or None,
        "steps_done": progress.steps_done,
        "steps_total": steps_total,
        "completed_at": timestamp(progress.completed_at),
        "badge_id": str(progress.badge.uuid) if progress.badge is not None else None,
        "problem": progress.problem or None,
        "pending": int(progress.due_at is not None),
        "updated_at": timestamp(progress.updated_at),
    }


def with_steps(templates: "QuerySet[BadgeTemplate]") -> "QuerySet[BadgeTemplate]":
    """Load the steps and the ids of their templates, in two queries for any number of paths."""
    counting = BadgeTemplate.objects.only("uuid").order_by("pk")
    steps = PathStep.objects.order_by("path", "position").prefetch_related(
        Prefetch("templates", queryset=counting)
    )
    return templates.prefetch_related(Prefetch("path_steps", queryset=steps))


class PathView(TemplateView):
    """A route of one path, or of all of them."""

    def path(self, template_id: UUID) -> BadgeTemplate:
        """Return a template with its steps; raise Missing."""
        template = with_steps(self.templates()).filter(uuid=template_id).first()
        if template is None:
            raise no_such(_("badge template"))
        return template

    def progress(self, template: BadgeTemplate) -> "QuerySet[PathProgress]":
        """Return the progress of earners on a path, newest first."""
        rows = PathProgress.objects.filter(path=template, earner__organization=self.organization)
        return rows.select_related("earner", "badge").order_by("-id")


class PathsRoute(PathView):
    """`/api/v1/issuers/organization/learning_paths`"""

    @documented(
        "List learning paths",
        tag=TAG,
        answer=PathShape,
        listed=True,
        refusals=[422],
        parameters=PathFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of the templates that are learning paths."""
        paths = self.templates().filter(is_learning_path=True, archived_at__isnull=True)
        found = self.filtered(PathFilters, paths)
        return answer(page_of(request, QuerySetSource(with_steps(found)), path_body))


class PathRoute(PathView):
    """`/api/v1/issuers/organization/badge_templates/{id}/path`"""

    @documented("The steps of a learning path", tag=TAG, answer=PathShape)
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """Answer the steps; a template that is no path has none."""
        return answer({"data": path_body(self.path(template_id))})

    @documented(
        "Set the steps of a learning path",
        tag=TAG,
        description="The template must have `is_learning_path` 1. Steps that are sent replace all earlier ones, and earners'"
        " progress is worked out anew: badges that they earned before count.",
        request=PathInput,
        answer=PathShape,
        refusals=[409],
    )
    def put(self, request: Request, template_id: UUID) -> HttpResponse:
        """Replace the steps, say whether they are taken in order, or both."""
        template = self.path(template_id)
        values = self.checked(PathInput)
        specs = self._specs(values["steps"]) if "steps" in values else None
        try:
            set_path_steps(path=template, steps=specs, in_order=values.get("in_order"), by=self.actor)
        except InvalidInput as refusal:
            if refusal.field is not None:
                refusal.field = refusal.field.replace(".templates", ".badge_template_ids")
            raise
        return answer({"data": path_body(self.path(template_id))})

    patch = put

    def _specs(self, steps: Iterable[dict[str, Any]]) -> list[PathStepSpec]:
        """Return the steps with the organization's templates; raise Invalid for each id that is none of theirs."""
        steps = list(steps)
        wanted = {one for step in steps for one in step["badge_template_ids"]}
        found = {template.uuid: template for template in self.templates().filter(uuid__in=wanted)}
        errors: dict[str, list[str]] = {}
        for number, step in enumerate(steps):
            for index, one in enumerate(step["badge_template_ids"]):
                if one not in found:
                    place = ["steps", str(number), "badge_template_ids", str(index)]
                    errors[".".join(place)] = [sentence("invalid_choice", place)]
        if errors:
            raise Invalid(errors)
        return [
            PathStepSpec(
                title=step.get("title") or "",
                needed=step.get("needed", 1),
                templates=[found[one] for one in step["badge_template_ids"]],
            )
            for step in steps
        ]


class ProgressListRoute(PathView):
    """`/api/v1/issuers/organization/badge_templates/{id}/path/progress`"""

    @documented(
        "List earners on a learning path",
        tag=TAG,
        answer=ProgressShape,
        listed=True,
        refusals=[422],
        parameters=ProgressFilters.parameters(),
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """Answer a page of earners' progress."""
        template = self.path(template_id)
        total = len(template.path_steps.all())
        found = self.filtered(ProgressFilters, self.progress(template))
        return answer(page_of(request, QuerySetSource(found), lambda row: progress_body(row, total)))


class RetryRoute(PathView):
    """`/api/v1/issuers/organization/badge_templates/{id}/path/progress/{earner_id}/retry`"""

    needs: ClassVar = {"POST": "issue"}

    @documented(
        "Try a path's badge again",
        tag=TAG,
        description="For an earner to whom the path's badge was refused. A worker does it a moment later; `pending` is 1"
        " until then, and stays 0 where nothing was refused.",
        answer=ProgressShape,
        status=202,
    )
    def post(self, request: Request, template_id: UUID, earner_id: UUID) -> HttpResponse:
        """Have it tried again."""
        template = self.path(template_id)
        row = self.progress(template).filter(earner__uuid=earner_id).first()
        if row is None:
            raise no_such(_("earner on this path"))
        retry_path_progress(path=template, earner=row.earner, by=self.actor)
        row = self.progress(template).get(pk=row.pk)
        return answer({"data": progress_body(row, len(template.path_steps.all()))}, 202)


urlpatterns = [
    path("issuers/organization/learning_paths", PathsRoute.as_view()),
    path(f"{TEMPLATE}/path", PathRoute.as_view()),
    path(f"{TEMPLATE}/path/progress", ProgressListRoute.as_view()),
    path(f"{TEMPLATE}/path/progress/<uuid:earner_id>/retry", RetryRoute.as_view()),
]
