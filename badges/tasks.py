"""Background work of badges, as tasks. A task only says that there is something to look at; the rows decide."""

from django_tasks import task

from badges.models import Batch, Revocation
from badges.services.batches import run_batch
from badges.services.revocations import run_revocation


@task()
def continue_batch(batch_uuid: str) -> bool:
    """Issue one chunk of a batch; return whether more is left. What is left, the worker's rounds find by themselves.

    Any number may run at once, also for a batch that ended or is gone. A batch that cannot go on is paused with its reason,
    and the refusal fails the task.
    """
    batch = Batch.objects.due().filter(uuid=batch_uuid).first()
    if batch is None:
        return False
    batch = run_batch(batch, max_chunks=1, is_waiting=False)
    return batch.issued_count + batch.failed_count + batch.stopped_count < batch.total


@task()
def continue_revocation(revocation_uuid: str) -> bool:
    """Revoke the next badges of a revocation; return whether it did. The rest, the worker finds by itself."""
    revocation = Revocation.objects.unfinished().filter(uuid=revocation_uuid).first()
    return revocation is not None and run_revocation(revocation, is_waiting=False)
