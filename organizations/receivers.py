"""What becomes of the facts that organizations tell."""

from typing import Any

from django.conf import settings
from django.dispatch import receiver

from organizations.models import Message
from organizations.signals import messages_waiting
from organizations.tasks import deliver_messages


@receiver(messages_waiting)
def wake_a_worker(sender: type[Message], **kwargs: Any) -> None:  # noqa: ARG001
    """Have the outbox looked at, where the queue is quicker than that.

    A queue in the database is no quicker: workers look at the outbox as often as at the queue, so that another row for
    each badge would only be more to write.
    """
    if settings.TASKS_URL:
        deliver_messages.enqueue()
