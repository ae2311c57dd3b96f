"""The secrets of a mailed sign-in: made of its id and the server's secret key whenever they are needed, kept nowhere."""

import hmac
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from config.text import folded
from earners.models import SignIn

CODE_LENGTH = 6  # digits
# The kinds of secrets; the salt keeps them apart.
CODE, LINK, FLOW = "code", "link", "flow"


def code_of(sign_in: SignIn) -> str:
    """Return the code that is mailed: six digits."""
    return f"{int.from_bytes(_digest(CODE, sign_in)[:8], 'big') % 10**CODE_LENGTH:0{CODE_LENGTH}}"


def link_secret_of(sign_in: SignIn) -> str:
    """Return the secret part of the link that is mailed: 64 hexadecimal digits."""
    return _digest(LINK, sign_in).hex()


def link_path(sign_in: SignIn) -> str:
    """Return the path of the link that is mailed."""
    return f"/me/sign-in/link/{sign_in.uuid}/{link_secret_of(sign_in)}"


def flow_of(sign_in: SignIn) -> str:
    """Return by what a program names the sign-in that it asked for: the id and a secret, 96 hexadecimal digits."""
    return sign_in.uuid.hex + _digest(FLOW, sign_in).hex()


def sign_in_of_flow(text: str) -> SignIn | None:
    """Return the sign-in that a program names; None for what flow_of never returned."""
    try:
        sign_in = SignIn.objects.filter(uuid=UUID(hex=text[:32])).first()
    except ValueError:
        return None
    return sign_in if sign_in is not None and is_same(flow_of(sign_in), text) else None


def is_right_code(sign_in: SignIn, text: str) -> bool:
    """Whether a text is the code, however it is spaced; digits of other scripts count as theirs."""
    digits = "".join(str(int(sign)) for sign in folded(text)[:40] if sign.isdecimal())
    return is_same(code_of(sign_in), digits)


def is_same(one: str, other: str) -> bool:
    """Compare texts in a time that does not tell where they differ."""
    return constant_time_compare(one.encode(), other.encode("utf-8", "surrogatepass"))


def _digest(kind: str, sign_in: SignIn) -> bytes:
    return salted_hmac(f"earners.sign-in.{kind}", sign_in.uuid.hex, algorithm="sha256").digest()


def digest_of(secret: str) -> str:
    """Return what is kept of a random secret that a browser holds: the hexadecimal HMAC-SHA256 by the server's key."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"earners.browser" + secret.encode(), "sha256").hex()
