"""Which claim codes of a badge a list or an export holds: the filters that BadgeKit's users asked for."""

from django.db.models import Exists, OuterRef, Q

from claimcodes.models import Claim
from claimcodes.querysets import ClaimCodeQuerySet
from config.api.badgekit import ApiError, BadgekitRequest
from config.text import folded

FLAGS = {"claimed": "is_claimed", "multiuse": "is_multiuse"}
WORDS = {"true": True, "1": True, "false": False, "0": False}


def is_filtered(request: BadgekitRequest) -> bool:
    """Whether anything is asked for at all."""
    return any(name in request.query for name in (*FLAGS, "email", "q"))


def filtered(request: BadgekitRequest, codes: ClaimCodeQuerySet) -> ClaimCodeQuerySet:
    """Keep what `claimed`, `multiuse` (true or false), `email` (of a claimer, or noted) and `q` (part of the code) ask for.

    An empty parameter asks for nothing. Raises ApiError 400 InvalidParameter for a flag that is neither true nor false.
    """
    for name, field in FLAGS.items():
        word = request.first(name)
        if word:
            if word.lower() not in WORDS:
                raise ApiError(400, "InvalidParameter", f"`{name}` must be true or false")
            codes = codes.filter(**{field: WORDS[word.lower()]})
    if email := folded(request.first("email") or ""):
        claims = Claim.objects.filter(claim_code=OuterRef("pk"), email_key=email)
        codes = codes.filter(Q(email__iexact=email) | Q(Exists(claims)))
    if part := folded(request.first("q") or ""):
        codes = codes.filter(code_key__contains=part)
    return codes
