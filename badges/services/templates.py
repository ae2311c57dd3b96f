"""Make, change, publish and archive badge templates. Content that a badge was issued from is never touched again."""

from collections.abc import Mapping
from functools import partial
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import TemplateStatus, TemplateType
from badges.exceptions import TemplateNotChangeable
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.shapes import check_items, check_texts
from badges.services.values import check_version
from config.exceptions import InvalidInput
from organizations.actors import Actor
from organizations.exceptions import SlugTaken
from organizations.models import Organization, Program
from organizations.richtext import clean_html
from organizations.services.organizations import require_enabled
from organizations.services.slugs import checked_slug, free_slug

RULES = (
    "code",
    "status",
    "is_published",
    "is_learning_path",
    "is_unique",
    "limit",
    "validity_days",
    "program",
)
CONTENT = (
    "title",
    "description",
    "assignment_criteria",
    "criteria_url",
    "criteria",
    "type",
    "type_data",
    "application_scope",
    "achievement_type",
    "image",
    "background_image",
    "color_primary",
    "language",
    "other_org",
    "other_org_info",
    "tags",
    "categories",
    "alignments",
    "result_descriptions",
    "strapline",
    "earner_description",
    "consumer_description",
    "issuer_url",
    "rubric_url",
    "time_value",
    "time_units",
    "evidence_type",
    "badgekit_type",
)
HTML = {"description", "assignment_criteria", "other_org_info"}
# Reference openbadge_eu section 5.1: what `type_data` must have for each type.
TYPE_REQUIRES: dict[str, tuple[str, ...]] = {
    TemplateType.PARTICIPATION: (),
    TemplateType.SKILLS: ("acquired_knowledge", "acquired_skills"),
    TemplateType.KNOWLEDGE: ("acquired_knowledge", "acquired_skills", "acquired_attitudes"),
    TemplateType.QUALIFICATION: (
        "acquired_knowledge",
        "acquired_skills",
        "acquired_attitudes",
        "application_scope",
    ),
}
TYPE_KEYS = TYPE_REQUIRES[TemplateType.QUALIFICATION]


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
    del by
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
        _take_fields(template, version, fields)
        template.save()
        version.template = template
        version.save()
        template.current_version = version
        template.save(update_fields=["current_version"])
        Organization.objects.filter(pk=organization.pk).update(
            badge_templates_count=F("badge_templates_count") + 1
        )
    return template


def update_template(*, template: BadgeTemplate, fields: Mapping[str, Any], by: Actor | None) -> BadgeTemplate:
    """Change the given fields and no others.

    A change to content (CONTENT) makes a new version once a badge was issued from the current one; before that it edits
    the current one. Rules (RULES) belong to the template and make no version. Raises TemplateNotChangeable,
    OrganizationDisabled, InvalidInput, Unsignable; a `limit` below the number of badges out is InvalidInput.
    """
    del by
    with transaction.atomic():
        template = lock_template(template)
        if template.is_archived:
            raise TemplateNotChangeable
        version = template.current_version
        if version is None:
            raise TemplateNotChangeable
        before = {name: getattr(version, name) for name in CONTENT}
        _take_fields(template, version, fields)
        if any(getattr(version, name) != before[name] for name in CONTENT):
            if version.is_sealed:
                version = _next_version(version)
            version.save()
            template.current_version = version
        template.save()
    return template


def publish_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Make the template active and show it on the organization's public page."""
    return update_template(
        template=template, fields={"status": TemplateStatus.ACTIVE, "is_published": True}, by=by
    )


def archive_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Put the template out of use: nothing more is issued or claimed from it. Its badges stay valid and reachable."""
    return _archive(template, by, is_archived=True)


def restore_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Take an archived template back into use."""
    return _archive(template, by, is_archived=False)


def duplicate_template(
    *, template: BadgeTemplate, title: str | None = None, by: Actor | None
) -> BadgeTemplate:
    """Make a new template with the same content and rules; it is not published and nothing was issued from it.

    It shares the stored pictures, which are never changed in place.
    """
    source = BadgeTemplate.objects.select_related("organization", "current_version").get(pk=template.pk)
    if source.current_version is None:
        raise TemplateNotChangeable
    fields = {name: getattr(source.current_version, name) for name in CONTENT}
    fields |= {name: getattr(source, name) for name in RULES}
    fields |= {"title": title or _("Copy of %(title)s") % {"title": fields["title"]}, "is_published": False}
    return create_template(organization=source.organization, fields=fields, by=by)


def lock_template(template: BadgeTemplate) -> BadgeTemplate:
    """Return the template as it is now, its row taken for the rest of the transaction. Raises OrganizationDisabled.

    Two statements, because one that waits for a lock goes on with what it read of the joined rows before it waited: a badge
    would be issued from the version that was current a moment ago.
    """
    BadgeTemplate.objects.select_for_update().only("pk").get(pk=template.pk)
    locked = BadgeTemplate.objects.select_related("organization", "current_version").get(pk=template.pk)
    require_enabled(locked.organization)
    return locked


_sealed: LRUCache[tuple[UUID, int], BadgeTemplateVersion] = LRUCache(512)
_sealed_lock = Lock()


def current_version(template: BadgeTemplate) -> BadgeTemplateVersion | None:
    """Return the template's current version, not to be changed: a sealed one is read once per process."""
    if template.current_version_id is None:
        return None
    key = (template.uuid, template.current_version_id)
    with _sealed_lock:
        known = _sealed.get(key)
    if known is not None:
        return known
    version = BadgeTemplateVersion.objects.get(pk=template.current_version_id)
    if version.is_sealed:
        # A seal that is rolled back is none, and the version may be edited then.
        transaction.on_commit(partial(_remember, key, version))
    return version


def _remember(key: tuple[UUID, int], version: BadgeTemplateVersion) -> None:
    with _sealed_lock:
        _sealed[key] = version


def _archive(template: BadgeTemplate, by: Actor | None, *, is_archived: bool) -> BadgeTemplate:
    del by
    with transaction.atomic():
        template = lock_template(template)
        if template.is_archived != is_archived:
            template.archived_at = timezone.now() if is_archived else None
            template.save(update_fields=["archived_at", "updated_at"])
            Organization.objects.filter(pk=template.organization_id).update(
                badge_templates_count=F("badge_templates_count") + (-1 if is_archived else 1)
            )
    return template


def _next_version(version: BadgeTemplateVersion) -> BadgeTemplateVersion:
    """Return an unsaved successor with the same content; the sealed one stays as it is in the database."""
    following = BadgeTemplateVersion(template_id=version.template_id, number=version.number + 1)
    for name in CONTENT:
        setattr(following, name, getattr(version, name))
    return following


def _take_fields(template: BadgeTemplate, version: BadgeTemplateVersion, fields: Mapping[str, Any]) -> None:
    """Put checked values into the rows, without saving them."""
    for name, value in fields.items():
        if name in RULES:
            setattr(template, name, value)
        elif name in HTML:
            setattr(version, name, clean_html(value or ""))
        elif name in CONTENT:
            setattr(version, name, value)
        else:
            raise InvalidInput(_("This cannot be changed."), field=name)
    _check_rules(template)
    version.type_data = _checked_type_data(version)
    for row, names in ((version, CONTENT), (template, ("code", "status", "limit", "validity_days"))):
        try:
            row.clean_fields(exclude={field.name for field in row._meta.fields} - set(names))
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            raise InvalidInput(messages[0], field=name) from error
    _check_lists(version)
    version.template = template
    check_version(version)


def _check_lists(version: BadgeTemplateVersion) -> None:
    check_texts(version.tags, "tags")
    check_texts(version.categories, "categories")
    check_items(
        version.alignments,
        "alignments",
        keys=("name", "url", "description", "framework", "code", "type"),
        required=("name", "url"),
    )
    check_items(
        version.criteria,
        "criteria",
        keys=("description", "required", "note"),
        required=("description",),
        flags=("required",),
    )
    check_items(
        version.result_descriptions,
        "result_descriptions",
        keys=("id", "name", "type", "allowed_values", "value_min", "value_max", "required_value"),
        required=("id", "name", "type"),
        lists=("allowed_values",),
    )


def _check_rules(template: BadgeTemplate) -> None:
    program: Program | None = template.program
    if program is not None and program.organization_id != template.organization_id:
        raise InvalidInput(_("The program belongs to another organization."), field="program")
    if template.limit is not None and template.limit < template.badges_count:
        raise InvalidInput(
            _("%(count)d of these badges are out already, so the limit cannot be lower.")
            % {"count": template.badges_count},
            field="limit",
        )


def _checked_type_data(version: BadgeTemplateVersion) -> dict[str, str]:
    parts = version.type_data or {}
    if not isinstance(parts, Mapping):
        raise InvalidInput(_("This must be an object."), field="type_data")
    for key, value in parts.items():
        if key not in TYPE_KEYS:
            raise InvalidInput(_("This is not a part that is kept."), field=f"type_data.{key}")
        if value is not None and not isinstance(value, str):
            raise InvalidInput(_("This must be text."), field=f"type_data.{key}")
    for key in TYPE_REQUIRES.get(version.type, ()):
        if not parts.get(key):
            raise InvalidInput(
                _("A template of the type “%(type)s” needs this.") % {"type": version.get_type_display()},
                field=f"type_data.{key}",
            )
    return {key: parts[key] for key in TYPE_KEYS if parts.get(key)}
