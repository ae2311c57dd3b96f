"""Make, change, publish and archive badge templates. Content that a badge was issued from is never touched again."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import BatchState, TemplateStatus
from badges.exceptions import TemplateInUse, TemplateNotChangeable
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, Batch, PathStep
from badges.services.progress import mark_path_due, mark_problems_due
from badges.services.template_fields import (
    CONTENT,
    PICTURES,
    RULES,
    TYPE_KEYS,
    draft_of,
    missing_parts,
    take_fields,
)
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.exceptions import SlugTaken
from organizations.models import Organization
from organizations.pictures import delete_picture
from organizations.services.audit import changes_between, note_act
from organizations.services.organizations import require_enabled
from organizations.services.slugs import checked_slug, free_slug, insert_with_slug

__all__ = [
    "CONTENT",
    "RULES",
    "TYPE_KEYS",
    "archive_template",
    "create_template",
    "duplicate_template",
    "lock_template",
    "missing_parts",
    "publish_template",
    "restore_template",
    "update_template",
]


def create_template(
    *,
    organization: Organization,
    fields: Mapping[str, Any],
    slug: str | None = None,
    by: Actor | None,
) -> BadgeTemplate:
    """Make a template and its first version. `fields` has at least `title`; the names are RULES and CONTENT.

    Raises OrganizationDisabled, SlugTaken, and InvalidInput or Unsignable with the dotted name of the field at fault.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        require_enabled(organization)
        taken = BadgeTemplate.objects.filter(system=organization.system_id).filter
        title = str(fields.get("title") or "")
        slug = (
            checked_slug(slug)
            if slug
            else free_slug(title, fallback="badge", is_taken=lambda s: taken(slug=s).exists())
        )
        if taken(slug=slug).exists():
            raise SlugTaken(field="slug")
        template = BadgeTemplate(system_id=organization.system_id, organization=organization, slug=slug)
        version = BadgeTemplateVersion(number=1, language=organization.language)
        take_fields(template, version, fields)
        insert_with_slug(template)  # organizations of one system may take the same slug at the same time
        version.template = template
        version.save()
        template.current_version = version
        template.save(update_fields=["current_version"])
        Organization.objects.filter(pk=organization.pk).update(
            badge_templates_count=F("badge_templates_count") + 1
        )
        _note(AuditAct.TEMPLATE_CREATED, template, by)
    return template


def update_template(*, template: BadgeTemplate, fields: Mapping[str, Any], by: Actor | None) -> BadgeTemplate:
    """Change the given fields and no others.

    `type_data` is merged part by part: a part that is null or empty goes. A change to content (CONTENT) makes a new version
    once a badge was issued from the current one; before that it edits the current one. Rules (RULES) belong to the template
    and make no version. Raises TemplateNotChangeable, OrganizationDisabled, InvalidInput, Unsignable; a `limit` below the
    number of badges out is InvalidInput. Where `is_unique` is new, who holds a badge of the template already gets no second
    one. A picture that was replaced is deleted after the commit, unless another version or a copy has it. Fields that stay
    as they are change nothing, and nothing is noted then.
    """
    with transaction.atomic():
        template = lock_template(template)
        if template.is_archived:
            raise TemplateNotChangeable
        version = template.current_version
        if version is None:
            raise TemplateNotChangeable
        before = {name: getattr(version, name) for name in CONTENT}
        rules = {name: getattr(template, name) for name in RULES}
        take_fields(template, version, fields)
        content = [name for name in CONTENT if getattr(version, name) != before[name]]
        if content:
            if version.is_sealed:
                version = draft_of(version)
            version.save()
            template.current_version = version
            for name in PICTURES:
                if before[name] and before[name] != getattr(version, name):
                    transaction.on_commit(partial(_delete_unused, str(before[name])), robust=True)
        template.save()
        changes = changes_between(rules, {name: getattr(template, name) for name in RULES})
        if template.is_unique and "is_unique" in changes:
            _give_places(template)
        _look_at_progress(template, set(changes))
        if "title" in content:
            changes["title"] = [before["title"], version.title]
        if content or changes:
            _note(AuditAct.TEMPLATE_CHANGED, template, by, changes, content)
    return template


def publish_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Make the template active and show it on the organization's public page."""
    return update_template(
        template=template, fields={"status": TemplateStatus.ACTIVE, "is_published": True}, by=by
    )


def archive_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Put the template out of use: nothing more is issued or claimed from it. Its badges stay valid and reachable.

    Raises TemplateInUse while a batch of it has rows to issue, and when a step of a learning path in use could no longer be
    done with its other templates. Claim codes hinder nothing: they wait, and work again when the template is restored. To
    stop issuing at once, whatever hinders archiving, the template is made inactive. Raises OrganizationDisabled too.
    """
    return _archive(template, by, is_archived=True)


def restore_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Take an archived template back into use."""
    return _archive(template, by, is_archived=False)


def duplicate_template(
    *, template: BadgeTemplate, title: str | None = None, by: Actor | None
) -> BadgeTemplate:
    """Make a new template with the same content and rules; it is not published and nothing was issued from it.

    It shares the stored pictures, which are never changed in place. A learning path's copy begins without steps: with them,
    whoever took the path would be given the copy's badge at once.
    """
    with transaction.atomic():
        source = lock_template(template)  # whoever replaces its pictures waits, and then finds them used
        if source.current_version is None:
            raise TemplateNotChangeable
        fields = {name: getattr(source.current_version, name) for name in CONTENT}
        fields |= {name: getattr(source, name) for name in RULES}
        title = title or _("Copy of %(title)s") % {"title": fields["title"]}
        fields |= {"title": title, "is_published": False}
        return create_template(organization=source.organization, fields=fields, by=by)


def lock_template(template: BadgeTemplate) -> BadgeTemplate:
    """Return the template as it is now, its row taken for the rest of the transaction. Raises OrganizationDisabled.

    Two statements, because one that waits for a lock goes on with what it read of the joined rows before it waited: a badge
    would be issued from the version that was current a moment ago. The key stays free: whoever issues a badge of a step
    holds the organization's row while progress that refers to the path is inserted.
    """
    BadgeTemplate.objects.select_for_update(no_key=True).only("pk").get(pk=template.pk)
    locked = BadgeTemplate.objects.select_related("organization", "current_version").get(pk=template.pk)
    require_enabled(locked.organization)
    return locked


def _archive(template: BadgeTemplate, by: Actor | None, *, is_archived: bool) -> BadgeTemplate:
    with transaction.atomic():
        template = lock_template(template)
        if template.is_archived != is_archived:
            if is_archived:
                _require_unused(template)
            template.archived_at = timezone.now() if is_archived else None
            template.save(update_fields=["archived_at", "updated_at"])
            Organization.objects.filter(pk=template.organization_id).update(
                badge_templates_count=F("badge_templates_count") + (-1 if is_archived else 1)
            )
            _look_at_progress(template, {"archived_at"})
            act = AuditAct.TEMPLATE_ARCHIVED if is_archived else AuditAct.TEMPLATE_RESTORED
            _note(act, template, by)
    return template


def _note(
    act: AuditAct,
    template: BadgeTemplate,
    by: Actor | None,
    changes: Mapping[str, list[Any]] | None = None,
    content: Sequence[str] = (),
) -> None:
    """Note an act in the log: values of rules and titles; of other content which of it, as the versions have it whole."""
    version = template.current_version
    details: dict[str, Any] = {
        name: [value if isinstance(value, bool | int | None) else str(value) for value in values]
        for name, values in (changes or {}).items()
    }
    if content and version is not None:
        details |= {"content": list(content), "version": version.number}
    note_act(
        organization=template.organization,
        act=act,
        by=by,
        subject=template.uuid,
        label=str(template),
        details=details,
    )


def _require_unused(template: BadgeTemplate) -> None:
    """Raise TemplateInUse when something that was begun could not be finished without the template; its row is held."""
    # Of two templates of one step that are archived at once the second waits here, and then sees the first.
    Organization.objects.select_for_update(no_key=True).only("pk").get(pk=template.organization_id)
    ended = (BatchState.DONE, BatchState.STOPPED)
    if Batch.objects.filter(template=template).exclude(state__in=ended).exists():
        raise TemplateInUse(
            _(
                "A batch of this badge template has not ended. Wait until it is done or stop it, then archive the template;"
                " or make the template inactive now, which pauses the batch."
            )
        )
    steps = PathStep.objects.filter(
        templates=template, path__is_learning_path=True, path__archived_at__isnull=True
    )
    for step in steps.select_related("path__current_version").prefetch_related("templates"):
        others = [one for one in step.templates.all() if not one.is_archived and one.pk != template.pk]
        if len(others) < step.needed:
            raise TemplateInUse(
                _(
                    "Without this badge template nobody could do step %(number)d of the learning path “%(path)s” any more."
                    " Take it out of the path, or archive the path, first."
                )
                % {"number": step.position, "path": step.path}
            )


def _give_places(template: BadgeTemplate) -> None:
    """Let everybody hold the latest of the valid badges that they have; the template's row is held, so none is issued."""
    badges = Badge.objects.filter(template=template)
    badges.filter(holds_place=True).update(holds_place=False)
    latest = badges.valid().order_by().values("earner").annotate(latest=Max("pk"))
    badges.filter(pk__in=latest.values("latest")).update(holds_place=True)


def _look_at_progress(template: BadgeTemplate, changed: set[str]) -> None:
    """Have earners' progress looked at again when rules of a learning path changed; its row is held."""
    if not template.is_learning_path or template.is_archived or not changed:
        return
    if changed & {"is_learning_path", "is_path_in_order"}:
        mark_path_due(template)
    else:
        mark_problems_due(template)


def _delete_unused(picture: str) -> None:
    """Delete the files of a stored picture that no version has any more."""
    used = BadgeTemplateVersion.objects.filter(Q(image=picture) | Q(background_image=picture))
    if not used.exists():
        delete_picture(picture)
