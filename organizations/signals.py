"""What organizations tell the apps above them: one signal per fact."""

from django.dispatch import Signal

# Sent in the transaction in which trust in a signing key ended; `key` is the SigningKey.
signing_key_revoked = Signal()
