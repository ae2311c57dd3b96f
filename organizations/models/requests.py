"""What is kept of programs' requests: answers that a retry gets again, and how many requests were made."""

from django.db import models

from organizations.models.organizations import Organization


class IdempotentRequest(models.Model):
    """A request that was made with an Idempotency-Key, and its answer (design.md section 4.1).

    Written in the transaction of what the request did, so that it is there if and only if that was done. `fingerprint` is
    a digest of method, path and body: the same key with another request is refused.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="idempotent_requests",
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="idempotent_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} · {self.key}"


class RequestCount(models.Model):
    """How many requests a client has made, or reserved, in one window of time: shared by all processes."""

    client = models.CharField(max_length=100)
    window = models.PositiveBigIntegerField(db_index=True, help_text="Unix time at which the window began.")
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "window"], name="request_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.requests}"
