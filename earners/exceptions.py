"""What earners refuse, read as facts."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import InvalidInput, RuleBroken


class UnreadableFile(InvalidInput):
    """A file is no table of people that can be read: the message says what was found and what to do."""

    code = "unreadable_file"
    default_message = _("This file cannot be read. Please save it as .xlsx or .csv and try again.")

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, field="file")


class EarnerGone(RuleBroken):
    """The earner was erased, or merged with another one, meanwhile."""

    code = "earner_gone"
    default_message = _("This earner is gone: erased, or merged with another one. Nothing was changed.")


class EarnersNotMergeable(RuleBroken):
    """Only two earners of one organization become one, and one of them is gone, or both are the same."""

    code = "earners_not_mergeable"
    default_message = _(
        "These two cannot be merged: they are one already, or one of them is gone. Nothing was changed."
    )


class SignInOver(RuleBroken):
    """A mailed code or link that is of no use any more, or never was: used, over, tried too often."""

    code = "sign_in_over"
    default_message = _("This is not good any more: it was used, or its time is over. Ask for a new mail.")


class AddressClosed(SignInOver):
    """The address signs nobody in: its account's person said so."""

    default_message = _(
        "This address signs in no longer: its account was told so. Sign in with another address, or with a passkey."
    )


class SignInCodeWrong(RuleBroken):
    """The code is not the one that was mailed; it can be tried again."""

    code = "sign_in_code_wrong"
    default_message = _("This is not the code that we sent. Compare it with the newest mail.")

    def __init__(self) -> None:
        super().__init__(field="code")


class TooManyMails(RuleBroken):
    """Too many mails were asked for, to one address or from one client. `retry_after` is in seconds."""

    code = "too_many_mails"
    default_message = _("Too many mails were asked for. What we sent stays good; ask again later.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(field="email")
        self.retry_after = max(1, retry_after)


class IdentityRefused(RuleBroken):
    """A token of an identity provider that does not say, in a way that can be trusted, whose address it is."""

    code = "identity_refused"
    default_message = _("This identity cannot be trusted here.")


class ProviderUnknown(RuleBroken):
    """No identity provider of this name signs people in here."""

    code = "provider_unknown"
    default_message = _("This provider signs nobody in here any more. Choose another way.")


class ProviderDenied(IdentityRefused):
    """The person, or the provider, broke the sign-in off."""


class TooManyChallenges(RuleBroken):
    """A client began too often what it did not finish. `retry_after` is in seconds."""

    code = "too_many_challenges"
    default_message = _("This was begun too often from here. Nothing is locked: try again in ten minutes.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)


class ChallengeOver(RuleBroken):
    """What a browser came back with is of no use: it took too long, came twice, or was begun in another browser."""

    code = "challenge_over"
    default_message = _(
        "This took too long, was done already, or was begun in another browser. Nothing has changed: begin again."
    )


class PasskeyRefused(RuleBroken):
    """A passkey that is none of this server's, or does not prove what it must."""

    code = "passkey_refused"
    default_message = _(
        "This passkey opens nothing here. Sign in by mail: passkeys are listed in your account."
    )


class PasskeyCopied(PasskeyRefused):
    """A passkey that was used elsewhere in between: somebody may have a copy of it."""

    default_message = _(
        "Somebody may have a copy of this passkey, so it was refused. Sign in by mail, remove it, and add a new one."
    )


class PasskeyNotAdded(RuleBroken):
    """What the browser made is no passkey that can be used here."""

    code = "passkey_not_added"
    default_message = _("This passkey cannot be used here, so it was not added. Try it with another device.")


class PasskeyThere(PasskeyNotAdded):
    """The passkey belongs to an account already."""

    default_message = _("This passkey was added before.")


class PasskeyUnknown(RuleBroken):
    """The account has no such passkey."""

    code = "passkey_unknown"
    default_message = _("This is none of your passkeys.")


class PasskeysImpossible(RuleBroken):
    """Browsers make passkeys for an address with https and a name alone."""

    code = "passkeys_impossible"
    default_message = _("Passkeys need a server with https and a name of its own.")


class TooManyPasskeys(RuleBroken):
    """An account has as many passkeys as one may have."""

    code = "too_many_passkeys"
    default_message = _("An account has at most %(limit)d passkeys. Remove one first.")


class LastAddress(RuleBroken):
    """An account keeps an address: it is how its person signs in."""

    code = "last_address"
    default_message = _("This is your only address, so it stays: you sign in with it. Add another one first.")


class TooManyAddresses(RuleBroken):
    """An account has as many addresses as one may have."""

    code = "too_many_addresses"
    default_message = _("An account has at most %(limit)d addresses. Remove one first.")


class AddressUnknown(RuleBroken):
    """The account has no such address."""

    code = "address_unknown"
    default_message = _("This is none of your addresses.")


class LoginTokenUnknown(RuleBroken):
    """No account is opened by this token: it never was one, or it was revoked."""

    code = "login_token_unknown"
    default_message = _("Session not found")


class LoginTokenExpired(RuleBroken):
    """The token opened an account, and its time is over."""

    code = "login_token_expired"
    default_message = _("Session expired")
