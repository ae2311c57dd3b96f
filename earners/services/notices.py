"""Who gets into an account has changed: its addresses are told, so that nobody settles in unseen."""

from django.conf import settings
from django.utils.translation import get_language

from earners.enums import AccountAct
from earners.models import AccountEmail, AccountNotice, EarnerAccount
from organizations.enums import MessageKind
from organizations.models import Message
from organizations.services.outbox import write_messages


def tell_of_change(*, account: EarnerAccount, act: AccountAct, detail: str) -> None:
    """Have a mail sent to each address that opens the account now, in the language of who made the change.

    Must run in the transaction of the change: before it, where an address goes that is to be told as well, or comes that
    is not. `detail` is the name of the passkey, or the address.
    """
    emails = AccountEmail.objects.signing_in().filter(account=account).values_list("email", flat=True)
    if not emails:
        return
    notice = AccountNotice.objects.create(
        account=account, act=act, detail=detail, language=get_language() or settings.LANGUAGE_CODE
    )
    write_messages(
        [Message(kind=MessageKind.ACCOUNT_NOTICE, subject=notice.uuid, recipient=email) for email in emails]
    )
