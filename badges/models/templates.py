"""Badge templates: what can be earned, and the versions in which its content is kept."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from badges.enums import AchievementType, EvidenceType, TemplateStatus, TemplateType, TimeUnits
from badges.querysets import BadgeTemplateQuerySet
from organizations.enums import Language
from organizations.models import Organization, Program, System


class BadgeTemplate(models.Model):
    """What can be earned: the rules of issuing. What a badge says stands in its current version.

    `badges_count` counts the badges issued and not revoked, and is what `limit` limits: the limit is part of the UPDATE
    that counts a badge, and the check constraint stands behind it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    system = models.ForeignKey(
        System, on_delete=models.PROTECT, related_name="badge_templates", editable=False
    )
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="badge_templates")
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, null=True, blank=True, related_name="badge_templates"
    )
    slug = models.SlugField(max_length=255)
    code = models.CharField(
        max_length=100, blank=True, help_text=_("The organization's own code, such as DALP.")
    )
    status = models.CharField(max_length=10, choices=TemplateStatus, default=TemplateStatus.ACTIVE)
    is_published = models.BooleanField(default=False, help_text=_("Shown on the organization's public page."))
    is_learning_path = models.BooleanField(default=False)
    is_path_in_order = models.BooleanField(
        default=False, help_text=_("The steps of the learning path are taken one after the other.")
    )
    is_unique = models.BooleanField(default=False, help_text=_("Each earner holds this badge once."))
    limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many badges at most. Empty: any number."),
    )
    validity_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36500)],
        help_text=_("Days after which a badge expires, unless another date is given. Empty: never."),
    )
    badges_count = models.PositiveIntegerField(default=0, editable=False)
    current_version = models.ForeignKey(
        "BadgeTemplateVersion", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BadgeTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "slug"], name="badge_template_slug_unique_in_system"),
            models.CheckConstraint(
                condition=models.Q(limit__isnull=True) | models.Q(badges_count__lte=models.F("limit")),
                name="badge_template_within_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=TemplateStatus.values), name="badge_template_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.current_version.title if self.current_version else self.slug

    @property
    def is_archived(self) -> bool:
        """Whether the template is out of use: nothing is issued or claimed from it, and lists leave it out."""
        return self.archived_at is not None

    @property
    def is_issuable(self) -> bool:
        """Whether badges may be issued from it now, its limit aside."""
        return (
            self.status == TemplateStatus.ACTIVE
            and not self.is_archived
            and self.current_version_id is not None
        )

    @property
    def public_path(self) -> str:
        """The path of the template's public page."""
        return f"/public/templates/{self.uuid}"


class BadgeTemplateVersion(models.Model):
    """What a template says. Sealed when the first badge is issued from it; a later change makes the next version.

    Texts marked HTML are sanitised on the way in. Shapes of the lists: `alignments` [{name, url, description, framework,
    code, type}], `criteria` [{description, required, note}], `tags` and `categories` [text], `result_descriptions`
    [{id, name, type, allowed_values, value_min, value_max, required_value}].
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    template = models.ForeignKey(
        BadgeTemplate, on_delete=models.PROTECT, related_name="versions", editable=False
    )
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True, help_text=_("HTML"))
    assignment_criteria = models.TextField(
        blank=True, help_text=_("HTML: what an earner does to get the badge.")
    )
    criteria_url = models.URLField(max_length=2000, blank=True)
    criteria = models.JSONField(default=list, blank=True)
    type = models.CharField(max_length=15, choices=TemplateType, default=TemplateType.PARTICIPATION)
    type_data = models.JSONField(default=dict, blank=True)
    application_scope = models.TextField(blank=True)
    achievement_type = models.CharField(max_length=40, choices=AchievementType, default=AchievementType.BADGE)
    image = models.FileField(max_length=255, blank=True)
    background_image = models.FileField(max_length=255, blank=True)
    design = models.JSONField(
        null=True, blank=True, editable=False, help_text=_("What the badge designer drew `image` from.")
    )
    color_primary = models.CharField(
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Use the form #1D6B50."))],
    )
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    other_org = models.CharField(max_length=255, blank=True)
    other_org_info = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    categories = models.JSONField(default=list, blank=True)
    alignments = models.JSONField(default=list, blank=True)
    result_descriptions = models.JSONField(default=list, blank=True)
    # What only BadgeKit clients know (seed 004)
    strapline = models.CharField(max_length=140, blank=True)
    earner_description = models.TextField(blank=True)
    consumer_description = models.TextField(blank=True)
    issuer_url = models.URLField(max_length=2000, blank=True)
    rubric_url = models.URLField(max_length=2000, blank=True)
    time_value = models.PositiveIntegerField(null=True, blank=True)
    time_units = models.CharField(max_length=10, choices=TimeUnits, null=True, blank=True)
    evidence_type = models.CharField(max_length=10, choices=EvidenceType, null=True, blank=True)
    badgekit_type = models.CharField(max_length=255, blank=True)
    sealed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="badge_template_version_number"),
            models.CheckConstraint(
                condition=models.Q(type__in=TemplateType.values), name="badge_template_version_type_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="badge_template_version_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(achievement_type__in=AchievementType.values),
                name="badge_template_version_achievement_type_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def is_sealed(self) -> bool:
        """Whether a badge was issued from it, so that it never changes again."""
        return self.sealed_at is not None

    @property
    def version_code(self) -> str:
        """The version as the issuer API names it."""
        return str(self.number)

    @property
    def public_path(self) -> str:
        """The path of the version: the id of its BadgeClass (2.0) and Achievement (3.0)."""
        return f"/public/versions/{self.uuid}"

    @property
    def public_url(self) -> str:
        """The permanent public address."""
        return f"{settings.PUBLIC_URL}{self.public_path}"
