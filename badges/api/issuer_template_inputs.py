"""What requests may say of badge templates (reference openbadge_eu section 5.2): read whole, every error told at once."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from badges.api import issuer_examples as examples
from badges.credentials.admission import check_term, check_text, check_url
from badges.credentials.exceptions import Unsignable
from badges.credentials.vocabularies import ALIGNMENT_TYPES, RESULT_TYPES
from badges.enums import AchievementType, TemplateStatus, TemplateType
from badges.services.templates import TYPE_KEYS, missing_parts
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import FlagField, Input, TextField, WholeField
from config.api.issuer.wording import attribute, errors_of
from organizations.enums import Language
from organizations.pictures import Picture, prepare_picture, upload_content
from organizations.svg import PictureRefused

MAX_HTML = 65_535
MAX_PART = 20_000
MAX_ITEMS = 100
COLOR = r"^#[0-9A-Fa-f]{6}\Z"


class Admitted:
    """A validator that refuses what could not be signed, by one of the checks of badges/credentials."""

    def __init__(self, check: Callable[..., None], *args: Any) -> None:
        self.check = check
        self.args = args

    def __call__(self, value: Any) -> None:
        """Raise ValidationError with the reason."""
        try:
            self.check("", value, *self.args)
        except Unsignable as error:
            raise serializers.ValidationError(_(error.sentence) % error.values, code="unsignable") from error


def _text(max_length: int = 255, **options: Any) -> TextField:
    return TextField(max_length=max_length, validators=[Admitted(check_text)], **options)


def _optional(max_length: int = 255, **options: Any) -> TextField:
    return _text(max_length, required=False, allow_null=True, **options)


def _address(**options: Any) -> TextField:
    return TextField(max_length=2000, validators=[Admitted(check_url)], **options)


def _listed(item: type[Input]) -> "serializers.ListSerializer[Any]":
    """Return a list of objects; with many=True the objects could be null where the list can."""
    return serializers.ListSerializer(child=item(), required=False, allow_null=True, max_length=MAX_ITEMS)


@extend_schema_field(OpenApiTypes.BINARY)
class PictureField(serializers.FileField):
    """An uploaded picture, checked and made anew in all sizes."""

    def __init__(self, *, allow_svg: bool, **options: Any) -> None:
        self.allow_svg = allow_svg
        super().__init__(allow_empty_file=True, allow_null=True, required=False, **options)

    def to_internal_value(self, data: Any) -> Picture:  # type: ignore[override]  # it is no file any more
        """Return the picture in its sizes."""
        file = super().to_internal_value(data)
        try:
            return prepare_picture(upload_content(cast("UploadedFile[Any]", file)), allow_svg=self.allow_svg)
        except PictureRefused as error:
            raise serializers.ValidationError(error.message, code="picture") from error


TypeDataInput = type("TypeDataInput", (Input,), {key: _optional(MAX_PART) for key in TYPE_KEYS})


class AlignmentInput(Input):
    """What of a framework a template corresponds to."""

    name = _text()
    url = _address()
    description = _optional(MAX_PART)
    framework = _optional()
    code = _optional()
    type = TextField(
        required=False, allow_null=True, validators=[Admitted(check_term, ALIGNMENT_TYPES)], max_length=100
    )


# Made by a function, because a serializer's own attributes have one of these names.
CriterionInput = type(
    "CriterionInput",
    (Input,),
    {
        "description": _text(MAX_PART),
        "required": FlagField(required=False),
        "note": _optional(MAX_PART),
    },
)


class ResultDescriptionInput(Input):
    """A result that badges of the template may have."""

    id = _text()
    name = _text()
    type = TextField(validators=[Admitted(check_term, RESULT_TYPES)], max_length=100)
    allowed_values = serializers.ListField(
        child=_text(), required=False, allow_null=True, max_length=MAX_ITEMS
    )
    value_min = _optional()
    value_max = _optional()
    required_value = _optional()


PICTURES = ("image", "background_image")
IMAGE_HELP = "PNG, JPEG, WebP or SVG of at most 5 MiB, in multipart bodies."
BACKGROUND_HELP = "PNG, JPEG or WebP of at most 5 MiB, in multipart bodies."
# What is null in the API and an empty text or list in the row.
TEXTS = {
    "code",
    "application_scope",
    "assignment_criteria",
    "color_primary",
    "description",
    "other_org",
    "other_org_info",
    "criteria_url",
}
LISTS = {"tags", "criteria", "alignments", "result_descriptions"}


class TemplateInput(Input):
    """A badge template, or changes to one; parts of `type_data` are merged. All else that is sent is ignored.

    Which parts of `type_data` there must be depends on `type`: none for participation; acquired_knowledge and
    acquired_skills for the others; acquired_attitudes too for knowledge and qualification; application_scope too for
    qualification.
    """

    title = _text()
    application_scope = _optional(MAX_PART)
    assignment_criteria = TextField(max_length=MAX_HTML, required=False, allow_null=True, help_text="HTML")
    language = serializers.ChoiceField(
        Language.choices, required=False, help_text="The organization's unless told."
    )
    color_primary = TextField(
        required=False,
        allow_null=True,
        validators=[RegexValidator(COLOR, code="format")],
        help_text="#1D6B50",
    )
    code = _optional(100)
    type = serializers.ChoiceField(TemplateType.choices)
    type_data = TypeDataInput(required=False, allow_null=True)
    description = TextField(max_length=MAX_HTML, required=False, allow_null=True, help_text="HTML")
    other_org = _optional()
    other_org_info = TextField(max_length=MAX_HTML, required=False, allow_null=True, help_text="HTML")
    is_learning_path = FlagField(required=False)
    status = serializers.ChoiceField(TemplateStatus.choices, required=False)
    is_published = FlagField(required=False)
    background_image = PictureField(allow_svg=False, help_text=BACKGROUND_HELP)
    image = PictureField(allow_svg=True, help_text=IMAGE_HELP)
    limit = WholeField(
        required=False, allow_null=True, min_value=1, help_text="How many badges at most. Null: any number."
    )
    unique = FlagField(required=False, help_text="Each earner holds this badge once.")
    validity_days = WholeField(required=False, allow_null=True, min_value=1, max_value=36_500)
    achievement_type = serializers.ChoiceField(AchievementType.choices, required=False)
    criteria_url = _address(required=False, allow_null=True)
    criteria = _listed(CriterionInput)
    tags = serializers.ListField(child=_text(), required=False, allow_null=True, max_length=MAX_ITEMS)
    alignments = _listed(AlignmentInput)
    result_descriptions = _listed(ResultDescriptionInput)

    def checked(self) -> dict[str, Any]:
        """Return the values that were sent, checked. Raises Invalid with all errors, parts that are missing too."""
        errors = {} if self.is_valid() else errors_of(self, self.errors)
        kind, missing = self._missing_parts()
        for key in missing:
            message = _("The %(attribute)s field is required when type is %(type)s.") % {
                "attribute": attribute(["type_data", key]),
                "type": kind,
            }
            errors.setdefault(f"type_data.{key}", [message])
        if errors:
            raise Invalid(errors)
        return dict(self.validated_data)

    def _missing_parts(self) -> tuple[str, list[str]]:
        """Return the type that the template will have, and what it then lacks."""
        sent: Mapping[str, Any] = self.initial_data
        version = self.context.get("version")
        kind = sent.get("type", version.type if version else None)
        parts = sent.get("type_data") or {}
        if kind not in TemplateType.values or not isinstance(parts, Mapping):
            return "", []  # told already
        if version is not None and not {"type", "type_data"} & set(sent):
            return "", []
        known = dict(version.type_data) if version is not None else {}
        known |= {key: value.strip() if isinstance(value, str) else value for key, value in parts.items()}
        return kind, missing_parts(kind, known)


class TemplateChangeInput(TemplateInput):
    """Changes to a badge template: only what is sent is changed, and parts of `type_data` are merged.

    Not TemplateInput with partial=True, which would ask for no part of a list's items either.
    """

    example = examples.TEMPLATE_CHANGE
    title = _text(required=False)
    type = serializers.ChoiceField(TemplateType.choices, required=False)


class PicturesInput(Input):
    """A picture, a background, or both."""

    image = PictureField(allow_svg=True, help_text=IMAGE_HELP)
    background_image = PictureField(allow_svg=False, help_text=BACKGROUND_HELP)


class CopyInput(Input):
    """How the copy is called."""

    example = examples.COPY
    title = _optional(help_text="“Copy of …” unless told.")


def split_values(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Picture]]:
    """Return checked values as the services take them, and the pictures among them; a picture that is null is left alone."""
    pictures = {name: values[name] for name in PICTURES if values.get(name) is not None}
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if name in PICTURES or (name == "type_data" and value is None):
            continue
        if value is None and name in TEXTS | LISTS:
            fields[name] = [] if name in LISTS else ""
        elif name == "unique":
            fields["is_unique"] = value
        elif name in LISTS - {"tags"}:
            fields[name] = [dict(item) for item in value]
        else:
            fields[name] = dict(value) if name == "type_data" else value
    return fields, pictures
