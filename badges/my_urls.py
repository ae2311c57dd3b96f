"""The addresses of who earned badges."""

from django.urls import path

from badges.views import accepting, bringing, mail_stops, mine, sharing

urlpatterns = [
    path("me", mine.badges, name="my_badges"),
    path("me/badges/bring", bringing.bring, name="bring_badge"),
    path("me/badges/accept", accepting.accept_all, name="accept_badges"),
    path("me/badges/<uuid:uuid>/accept", accepting.accept, name="accept_badge"),
    path("me/badges/<uuid:uuid>/hide", accepting.hide, name="hide_badge"),
    path("me/badges/<uuid:uuid>/send", sharing.send, name="send_badge"),
    path("me/badges/<uuid:uuid>/remove", bringing.remove, name="remove_brought_badge"),
    path("me/export.zip", bringing.export, name="export_badges"),
    path("me/badges/<uuid:uuid>", mine.badge, name="my_badge"),
    path("me/badges/<uuid:uuid>/picture", mine.picture, name="my_badge_picture"),
    path("me/badges/<uuid:uuid>/document", mine.document, name="my_badge_document"),
    path("mail/stop/<str:signed>", mail_stops.stop, name="mail_stop"),
    path("collections/<uuid:uuid>", mine.collection, name="collection"),
    path(
        "collections/<uuid:collection>/badges/<uuid:uuid>/picture",
        mine.collection_picture,
        name="collection_picture",
    ),
]
