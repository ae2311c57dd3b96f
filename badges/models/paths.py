"""Learning paths: a template whose badge is issued by itself to whoever has the badges of its steps."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from badges.models.badges import Badge
from badges.models.templates import BadgeTemplate
from badges.querysets import PathProgressQuerySet
from earners.models import Earner


class PathStep(models.Model):
    """One step of a learning path: done when an earner holds badges of `needed` different ones of its templates."""

    path = models.ForeignKey(
        BadgeTemplate,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="path_steps",
    )
    position = models.PositiveSmallIntegerField(help_text="From 1.")
    title = models.CharField(max_length=255, blank=True)
    needed = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    templates = models.ManyToManyField(BadgeTemplate, related_name="steps_it_counts_for")

    class Meta:
        ordering = ["path", "position"]
        constraints = [
            models.UniqueConstraint(fields=["path", "position"], name="path_step_position"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="path_step_needs_something"),
        ]

    def __str__(self) -> str:
        return f"{self.path} · {self.position}"


class PathProgress(models.Model):
    """How far an earner is on a path. `badge` is the path's own badge.

    `due_at` is set in the transaction that changes what the earner holds, and stays until a worker has looked at it: the
    row is the truth, so that a worker that dies leaves it to the next one.
    """

    path = models.ForeignKey(
        BadgeTemplate,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="path_progress",
    )
    earner = models.ForeignKey(Earner, on_delete=models.CASCADE, related_name="path_progress")
    steps_done = models.PositiveSmallIntegerField(default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    badge = models.OneToOneField(
        Badge, on_delete=models.PROTECT, null=True, blank=True, related_name="completed_path"
    )
    problem = models.CharField(max_length=1000, blank=True)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PathProgressQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "path progress"
        constraints = [
            models.UniqueConstraint(fields=["path", "earner"], name="path_progress_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="path_progress_due"),
        ]

    def __str__(self) -> str:
        return f"{self.path} · {self.earner}: {self.steps_done}"
