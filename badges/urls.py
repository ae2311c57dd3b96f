"""The permanent public addresses. They are written into badges, so none of them ever changes or goes."""

from django.urls import path, re_path

from badges.views import (
    addresses,
    badgekit_addresses,
    badges,
    certificates,
    documents,
    embeds,
    issuer_documents,
    sharing_pictures,
    verify,
    version_documents,
)
from badges.views.opening import by_mail

BADGE = "public/badges/<uuid:uuid>"
VERSION = "public/versions/<uuid:uuid>"
TEMPLATE = "public/templates/<uuid:uuid>"
# Those of BadgeKit's server
SYSTEM = "public/systems/<str:system_slug>"
SYSTEM_ISSUER = f"{SYSTEM}/issuers/<str:issuer_slug>"
PROGRAM = f"{SYSTEM_ISSUER}/programs/<str:program_slug>"
ISSUER = "public/issuers/<uuid:uuid>"

# What verifiers ask for most stands first: addresses are tried from the top.
urlpatterns = [
    path(f"{BADGE}.json", documents.ob3_json),
    path(BADGE, by_mail(addresses.badge), name="public_badge"),
    path(f"{BADGE}/ob2.json", documents.ob2_json),
    path(f"{BADGE}/ob3.json", documents.ob3_json),
    path(f"{BADGE}/ob2.jws", documents.ob2_jws),
    path(f"{BADGE}/ob3.jwt", documents.ob3_jwt),
    path(f"{BADGE}/ob2.png", documents.baked, {"version": 2, "suffix": "png"}),
    path(f"{BADGE}/ob3.png", documents.baked, {"version": 3, "suffix": "png"}),
    path(f"{BADGE}/ob2.svg", documents.baked, {"version": 2, "suffix": "svg"}),
    path(f"{BADGE}/ob3.svg", documents.baked, {"version": 3, "suffix": "svg"}),
    path(f"{BADGE}/certificate.pdf", certificates.certificate, name="certificate"),
    path(f"{BADGE}/card.png", sharing_pictures.badge_card),
    path(f"{BADGE}/card", embeds.card, name="badge_card"),
    path(f"{BADGE}/recipient", badges.recipient_page, name="badge_recipient"),
    path(f"{ISSUER}/status/<int:number>", issuer_documents.status_list),
    path(f"{ISSUER}/did.json", issuer_documents.did),
    path(f"{ISSUER}/logo.png", issuer_documents.logo),
    path(f"{ISSUER}/card.png", sharing_pictures.organization_card),
    path(f"{ISSUER}/revocations.json", issuer_documents.revocations),
    path(f"{ISSUER}/keys/<uuid:key>", issuer_documents.cryptographic_key),
    path(f"{ISSUER}/keys/<uuid:key>.json", issuer_documents.cryptographic_key),
    path(f"{ISSUER}/keys/<uuid:key>.jwk", issuer_documents.jwk),
    path(f"{ISSUER}/keys/<uuid:key>/profile.json", issuer_documents.signing_profile),
    path(f"{ISSUER}.json", issuer_documents.profile),
    path(ISSUER, addresses.issuer, name="public_issuer"),
    path(f"{VERSION}/image.png", version_documents.png),
    path(f"{VERSION}/image.svg", version_documents.svg),
    path(f"{VERSION}/card.png", sharing_pictures.version_card),
    path(f"{VERSION}.json", version_documents.ob2_json),
    path(f"{VERSION}/keys/<uuid:key>.json", version_documents.signed_ob2_json),
    path(f"{VERSION}.ob3.json", version_documents.ob3_json),
    path(VERSION, addresses.version, name="public_version"),
    path(f"{TEMPLATE}.json", version_documents.template_ob2_json),
    path(f"{TEMPLATE}.ob3.json", version_documents.template_ob3_json),
    path(TEMPLATE, addresses.template, name="public_template"),
    path("public/badges", badgekit_addresses.BadgeListRoute.as_view()),
    path("public/assertions/<str:badge_slug>", badgekit_addresses.AssertionRoute.as_view()),
    *(
        path(place, badgekit_addresses.OrganizationRoute.as_view())
        for place in (SYSTEM, SYSTEM_ISSUER, PROGRAM)
    ),
    *(
        path(f"{place}/badges/<str:badge_slug>", badgekit_addresses.BadgeClassRoute.as_view())
        for place in (SYSTEM, SYSTEM_ISSUER, PROGRAM)
    ),
    path("verify", verify.verify_page, name="verify"),
    path("oembed", embeds.oembed, name="oembed"),
    re_path("^public(?:/.*)?$", addresses.nothing),
]
