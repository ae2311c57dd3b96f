"""An earner sends a badge to somebody: in their own name, in plain words, so many a day, and nobody sends another's."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from badges.enums import Visibility
from badges.exceptions import BadgeHidden, BadgeRevoked, BadgeUnknown, TooManyShares
from badges.models import Badge, BadgeShare, BadgeTemplate
from badges.services.my_badges import show_badge
from badges.services.revoking import revoke_badge
from badges.services.sharing import KEPT, MAILS_A_DAY, SHARES_A_DAY, prune_shares, share_badge
from config.exceptions import InvalidInput
from earners.models import AccountEmail
from organizations.models import Message, Organization
from organizations.services.mail_stops import Subscription, stop_mails
from organizations.services.outbox import deliver_due
from tests import factories
from tests.accounts import account_of
from tests.badges.test_my_badges import signed_in, text

pytestmark = pytest.mark.django_db
ADA, MARY, CHARLES = "ada@example.org", "mary@elsewhere.example", "charles@example.org"


def test_badge_is_sent_in_the_earners_name_with_their_words(badge: Badge) -> None:
    deliver_due()
    mail.outbox.clear()
    Organization.objects.update(contact_info={"email": "office@acme.example"})

    share_badge(
        account=account_of(ADA),
        badge_id=badge.uuid,
        email=MARY,
        note="Look & see:\n<b>I did it</b>",
        language="en",
    )
    deliver_due()

    [sent] = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert (sent.to, sent.reply_to, sent.from_email) == ([MARY], [], "badges@127.0.0.1")
    assert sent.subject == "Ada Lovelace shows you a badge: Data literacy"
    assert "Ada Lovelace (ada@example.org) shows you the badge “Data literacy”" in str(sent.body)
    assert "> Look & see:\n> <b>I did it</b>" in str(sent.body)
    assert "Look &amp; see:<br>&lt;b&gt;I did it&lt;/b&gt;" in html
    assert badge.public_url in str(sent.body)
    assert "?o=" not in str(sent.body)
    assert "List-Unsubscribe" in sent.extra_headers
    assert Message.objects.get(recipient=MARY).organization is None


def test_sender_is_an_address_that_is_theirs(badge: Badge) -> None:
    account = account_of("countess@example.org", ADA)

    share = share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")

    assert share.sender_email == ADA


def test_badge_that_is_not_to_be_seen_is_not_sent(template: BadgeTemplate, badge: Badge) -> None:
    account, theirs = account_of(ADA), factories.badge(template, CHARLES)
    hidden = factories.badge(template)
    show_badge(account=account, badge_id=hidden.uuid, visibility=Visibility.HIDDEN)
    revoked = factories.badge(template)
    revoke_badge(badge=revoked, reason="Mistake", by=None)
    before = Message.objects.count()

    for refused, refusal in ((theirs, BadgeUnknown), (hidden, BadgeHidden), (revoked, BadgeRevoked)):
        with pytest.raises(refusal):
            share_badge(account=account, badge_id=refused.uuid, email=MARY, language="en")

    assert (BadgeShare.objects.count(), Message.objects.count()) == (0, before)
    share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")
    assert Message.objects.count() == before + 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email"),
        ({"note": "x" * 501}, "note"),
        ({"note": "Win at https://evil.example"}, "note"),
        ({"note": "Win at WWW.evil.example"}, "note"),
        ({"note": "Win at evil.example/now"}, "note"),
        ({"note": "\x00"}, "note"),
    ],
)
def test_what_is_typed_is_looked_at(badge: Badge, values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        share_badge(account=account_of(ADA), badge_id=badge.uuid, language="en", **{"email": MARY, **values})

    assert refusal.value.field == field
    assert not BadgeShare.objects.exists()


def test_account_sends_so_many_a_day(badge: Badge) -> None:
    account, other = account_of(ADA), account_of(CHARLES)
    theirs = factories.badge(badge.template, CHARLES)
    for number in range(SHARES_A_DAY):
        share_badge(
            account=account, badge_id=badge.uuid, email=f"mary{number}@elsewhere.example", language="en"
        )

    with pytest.raises(TooManyShares):
        share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")

    assert BadgeShare.objects.count() == SHARES_A_DAY
    share_badge(account=other, badge_id=theirs.uuid, email=MARY, language="en")
    BadgeShare.objects.update(created_at=timezone.now() - timedelta(hours=25))
    for _ in range(MAILS_A_DAY):
        share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")
    with pytest.raises(TooManyShares):
        share_badge(account=account, badge_id=badge.uuid, email=MARY.upper(), language="en")


def test_nothing_is_sent_where_it_changed_meanwhile_or_is_not_wanted(badge: Badge) -> None:
    account = account_of(ADA)
    deliver_due()
    mail.outbox.clear()
    stop_mails(subscription=Subscription(None, "stopped@elsewhere.example"))
    share_badge(account=account, badge_id=badge.uuid, email="Stopped@elsewhere.example", language="en")
    deliver_due()
    share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")
    show_badge(account=account, badge_id=badge.uuid, visibility=Visibility.HIDDEN)

    deliver_due()

    assert mail.outbox == []


def test_shares_are_kept_for_some_weeks(badge: Badge) -> None:
    account = account_of(ADA)
    old = share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")
    BadgeShare.objects.update(created_at=timezone.now() - KEPT)
    new = share_badge(account=account, badge_id=badge.uuid, email=MARY, language="en")

    prune_shares()

    assert list(BadgeShare.objects.all()) == [new]
    assert old != new


def test_page_sends_and_keeps_what_was_typed(badge: Badge) -> None:
    ada, theirs = signed_in(ADA), factories.badge(badge.template, CHARLES)
    path = f"/me/badges/{badge.uuid}/send"

    wrong = text(ada.post(path, {"email": "nobody", "note": "Dear Mary"}), 400)
    right = ada.post(path, {"email": MARY, "note": "Dear Mary"}, headers={"Accept-Language": "it"})

    assert 'value="nobody"' in wrong
    assert "Dear Mary" in wrong
    assert "This is not an e-mail address." in wrong
    assert right["Location"] == f"/me/badges/{badge.uuid}"
    assert BadgeShare.objects.values_list("note", "language").get() == ("Dear Mary", "it")
    assert ada.post(f"/me/badges/{theirs.uuid}/send", {"email": MARY}).status_code == 404
    AccountEmail.objects.update(verified_at=None)
    assert ada.post(path, {"email": MARY}).status_code == 404
    assert BadgeShare.objects.count() == 1
