"""What badges tell those above them: one signal per fact."""

from django.dispatch import Signal

# Sent after the commit that gave a batch rows to issue; `batch` is the Batch.
batch_waiting = Signal()

# Sent after the commit that wrote down badges to be revoked; `revocation` is the Revocation.
revocation_waiting = Signal()
