"""What organizations tell the apps above them: one signal per fact."""

from django.dispatch import Signal

# Sent in the transaction in which trust in a signing key ended; `key` is the SigningKey.
signing_key_revoked = Signal()

# Sent in the transaction in which an organization's time zone changed; `organization` is the row, which is held.
time_zone_changed = Signal()

# Sent in the transaction that encrypts all secrets anew; a receiver does so with its app's and returns how many they were.
secrets_re_encrypted = Signal()

# Sent after the commit that put messages into the outbox.
messages_waiting = Signal()
