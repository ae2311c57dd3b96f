"""How the issuer API answers batches and their rows. The original has none: keys, order and forms are ours."""

from typing import Any

from rest_framework import serializers

from badges.api import issuer_examples as examples
from badges.enums import BatchState, RowState
from badges.models import Batch
from config.api.issuer.fields import Shape, timestamp

# What of a row is read, in the order that row_body takes them.
ROW_COLUMNS = (
    "number",
    "email",
    "first_name",
    "last_name",
    "state",
    "reason_code",
    "reason",
    "badge__uuid",
)
Row = tuple[int, str, str, str, str, str, str, Any]


class BatchCountsShape(Shape):
    """How many recipients there are, and what became of them."""

    total = serializers.IntegerField()
    issued = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Not issued, each with a reason. They can be tried again.")
    stopped = serializers.IntegerField(help_text="Not tried, because the batch was stopped.")
    pending = serializers.IntegerField(help_text="Not tried yet.")


class BatchShape(Shape):
    """A batch: one badge template issued to many."""

    example = examples.BATCH
    id = serializers.UUIDField()
    badge_template_id = serializers.UUIDField()
    earners_list_id = serializers.UUIDField(allow_null=True, help_text="The list that was issued to.")
    state = serializers.ChoiceField(BatchState.choices)
    pause_reason = serializers.CharField(allow_null=True, help_text="Why it waits, while it is paused.")
    progress = serializers.IntegerField(help_text="Percent of the recipients that were tried.")
    counts = BatchCountsShape()
    credits = serializers.IntegerField(help_text="Taken for this batch, without those that came back.")
    created_by = serializers.CharField()
    starts_at = serializers.CharField(
        allow_null=True, help_text="Not before this moment; its state is `pending` until then. Null: at once."
    )
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    finished_at = serializers.CharField(allow_null=True, help_text="Null until it is done or stopped.")


class BatchRowShape(Shape):
    """One recipient of a batch and what became of them."""

    example = examples.BATCH_ROW
    number = serializers.IntegerField(help_text="From 1, in the order in which they were sent.")
    recipient_email = serializers.CharField()
    recipient_first_name = serializers.CharField(allow_null=True)
    recipient_last_name = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(RowState.choices)
    reason_code = serializers.CharField(allow_null=True, help_text="Why there is no badge, for programs.")
    reason = serializers.CharField(allow_null=True, help_text="Why there is no badge, for people.")
    badge_id = serializers.UUIDField(allow_null=True)


def batch_body(batch: Batch) -> dict[str, Any]:
    """Return a batch as BatchShape says; needs `template` and `earners_list`."""
    tried = batch.issued_count + batch.failed_count + batch.stopped_count
    return {
        "id": str(batch.uuid),
        "badge_template_id": str(batch.template.uuid),
        "earners_list_id": str(batch.earners_list.uuid) if batch.earners_list else None,
        "state": batch.state,
        "pause_reason": batch.pause_reason or None,
        "progress": tried * 100 // batch.total if batch.total else 0,
        "counts": {
            "total": batch.total,
            "issued": batch.issued_count,
            "failed": batch.failed_count,
            "stopped": batch.stopped_count,
            "pending": batch.total - tried,
        },
        # Those of all recipients are taken at once, and what became no badge comes back when the batch ends.
        "credits": batch.issued_count if batch.finished_at else batch.total,
        "created_by": batch.created_by,
        "starts_at": timestamp(batch.starts_at),
        "created_at": timestamp(batch.created_at),
        "finished_at": timestamp(batch.finished_at),
    }


def row_body(row: Row) -> dict[str, Any]:
    """Return a row, read as ROW_COLUMNS, as BatchRowShape says."""
    number, email, first_name, last_name, state, reason_code, reason, badge_uuid = row
    return {
        "number": number,
        "recipient_email": email,
        "recipient_first_name": first_name or None,
        "recipient_last_name": last_name or None,
        "state": state,
        "reason_code": reason_code or None,
        "reason": reason or None,
        "badge_id": str(badge_uuid) if badge_uuid else None,
    }
