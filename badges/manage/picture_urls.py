"""The addresses of templates' pictures and of the badge designer; below /manage/<organization>/."""

from django.urls import path

from badges.manage import designer, pictures

TEMPLATE = "templates/<uuid:template_id>"
PICTURE = f"{TEMPLATE}/picture"

urlpatterns = [
    path(PICTURE, pictures.template_picture, name="template_picture"),
    path(f"{PICTURE}/remove", pictures.remove_template_picture, name="remove_template_picture"),
    path(f"{PICTURE}/background", pictures.template_background, name="template_background"),
    path(
        f"{PICTURE}/background/remove", pictures.remove_template_background, name="remove_template_background"
    ),
    path(
        f"{TEMPLATE}/versions/<uuid:version_id>/background.png",
        pictures.version_background,
        name="version_background",
    ),
    path(f"{TEMPLATE}/design", designer.design_badge, name="design_badge"),
    path(f"{TEMPLATE}/design/preview", designer.design_preview, name="design_preview"),
    path("designs/<str:sample>.svg", designer.design_sample, name="design_sample"),
]
