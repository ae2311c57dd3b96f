"""What earners tell the apps above them: one signal per fact."""

from django.dispatch import Signal

# Sent in the transaction in which a person turned out to have two accounts; `kept` and `gone` are the EarnerAccounts. What
# hangs on `gone` goes with it, right after, unless a receiver gives it to `kept`.
accounts_joined = Signal()

# Sent in the transaction that deletes a person's account; `account` is the EarnerAccount, whose rows go right after.
account_deleted = Signal()

# Sent in the transaction that erases a person from one organization's records; `earner` is the Earner with its address and
# names, which go right after. The organization's row is held.
earner_erased = Signal()

# Sent in the transaction in which two earners of an organization turned out to be one person; `kept` and `gone` are the
# Earners. The organization's row is held. `gone` goes right after: whatever is not given to `kept` keeps it from going.
earners_merged = Signal()
