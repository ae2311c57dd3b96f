"""What a badge template consists of: its rules, the content of its versions, and the checks that all of it passes."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from badges.enums import TemplateType
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.shapes import check_items, check_texts
from badges.services.values import check_version
from config.exceptions import InvalidInput
from organizations.models import Organization, Program
from organizations.richtext import clean_html

RULES = (
    "code",
    "status",
    "is_published",
    "is_learning_path",
    "is_path_in_order",
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
    "design",
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
PICTURES = ("image", "background_image")
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


def missing_parts(kind: str, parts: Mapping[str, Any]) -> list[str]:
    """Return the parts of `type_data` that a template of this type needs and does not have."""
    return [key for key in TYPE_REQUIRES.get(kind, ()) if not parts.get(key)]


def draft_of(version: BadgeTemplateVersion) -> BadgeTemplateVersion:
    """Return an unsaved successor with the same content; the one given stays as it is in the database."""
    following = BadgeTemplateVersion(template_id=version.template_id, number=version.number + 1)
    for name in CONTENT:
        setattr(following, name, getattr(version, name))
    return following


def put_fields(template: BadgeTemplate, version: BadgeTemplateVersion, fields: Mapping[str, Any]) -> None:
    """Put values into the rows as they will be kept, HTML sanitised, and check none of them.

    A picture that comes without the `design` that it was drawn from leaves the version without one. Raises InvalidInput for
    a name that is neither of RULES nor of CONTENT, and for HTML that is too long.
    """
    if "image" in fields and "design" not in fields and fields["image"] != version.image:
        version.design = None
    for name, value in fields.items():
        if name in RULES:
            setattr(template, name, value)
        elif name in HTML:
            setattr(version, name, clean_html(value or ""))
        elif name == "type_data" and isinstance(value, Mapping):
            version.type_data = {**(version.type_data or {}), **value}
        elif name in CONTENT:
            setattr(version, name, value)
        else:
            raise InvalidInput(_("This cannot be changed."), field=name)


def drafted(
    *, organization: Organization, template: BadgeTemplate | None, fields: Mapping[str, Any]
) -> BadgeTemplateVersion:
    """Return what a template would say with these fields, saved nowhere: as update_template keeps it, checked for nothing.

    Without a template it is what a new one would say. The version has a template of its own, so that neither it nor the
    rows that were given are changed. Raises what put_fields raises.
    """
    rules = BadgeTemplate(organization=organization)
    if template is None or template.current_version is None:
        version = BadgeTemplateVersion(number=1, language=organization.language)
    else:
        version = draft_of(template.current_version)
        if not template.current_version.is_sealed:
            version.number = template.current_version.number
        for name in RULES:
            setattr(rules, name, getattr(template, name))
    put_fields(rules, version, fields)
    version.template = rules
    return version


def take_fields(template: BadgeTemplate, version: BadgeTemplateVersion, fields: Mapping[str, Any]) -> None:
    """Put checked values into the rows, without saving them."""
    put_fields(template, version, fields)
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
    for key in missing_parts(version.type, parts):
        raise InvalidInput(
            _("A template of the type “%(type)s” needs this.") % {"type": version.get_type_display()},
            field=f"type_data.{key}",
        )
    return {key: parts[key] for key in TYPE_KEYS if parts.get(key)}
