"""Background work of organizations, as tasks. A task only says that there is something to look at; the rows decide."""

from django_tasks import task

from organizations.services.outbox import deliver_due


@task()
def deliver_messages() -> int:
    """Deliver what is due in the outbox, one round; return how many messages were taken. Any number may run at once."""
    return deliver_due()
