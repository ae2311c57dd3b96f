"""The addresses of a system, its issuers and their programs in the BadgeKit API, below `systems/`."""

from django.urls import path

from organizations.api.badgekit import SCOPES
from organizations.api.badgekit_issuers import IssuerRoute, IssuersRoute
from organizations.api.badgekit_programs import ProgramRoute, ProgramsRoute
from organizations.api.badgekit_systems import SystemRoute

SYSTEM, ISSUER, PROGRAM = (prefix for _scope, prefix in SCOPES)

urlpatterns = [
    path(SYSTEM, SystemRoute.as_view(), name="badgekit_system"),
    path(f"{SYSTEM}/issuers", IssuersRoute.as_view(), name="badgekit_issuers"),
    path(ISSUER, IssuerRoute.as_view(), name="badgekit_issuer"),
    path(f"{ISSUER}/programs", ProgramsRoute.as_view(), name="badgekit_programs"),
    path(PROGRAM, ProgramRoute.as_view(), name="badgekit_program"),
]
