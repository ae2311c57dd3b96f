"""What the demo's organizations give badges for: words, rules and designs of their templates."""

from dataclasses import replace
from typing import Any

from badges.models import BadgeTemplate
from badges.services.design import Design
from badges.services.design_choices import Border, Fill, Pattern, Ribbon, Shape
from badges.services.design_colours import PALETTES
from badges.services.design_drawing import draw_design
from badges.services.design_samples import in_palette
from badges.services.drawing import draw
from badges.services.templates import create_template, publish_template
from organizations.models import Organization, User
from organizations.pictures import HIGH_SIZE, prepare_picture, store_picture


def look(palette: str, **choices: Any) -> Design:
    """Return a design in one of the designer's palettes."""
    return in_palette(Design(**choices), next(one for one in PALETTES if one.name == palette))


TEMPLATES: list[dict[str, Any]] = [
    {
        "title": "Data Literacy",
        "code": "DATA",
        "type": "skills",
        "type_data": {
            "acquired_knowledge": "Where data comes from, how it is collected, and what can go wrong with it.",
            "acquired_skills": "Reads tables and charts, cleans a data set, questions a conclusion.",
        },
        "description": "<p>Reads, questions and explains data in everyday work.</p>",
        "assignment_criteria": "<p>To earn this badge you:</p><ul><li>finish the eight units of the course,</li>"
        "<li>clean and describe a data set of your own choice,</li><li>defend your conclusions before two peers.</li></ul>",
        "tags": ["data", "statistics", "critical thinking"],
        "achievement_type": "Course",
        "alignments": [
            {
                "name": "analyse data",
                "url": "https://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f",
                "framework": "ESCO",
                "description": "Collect data and statistics to test and evaluate.",
            }
        ],
        "design": look(
            "lagoon",
            shape=Shape.HEXAGON,
            pattern=Pattern.GRID,
            emblem="bar-chart-fill",
            ribbon=Ribbon.STRAIGHT,
            ribbon_text="Data Literacy",
        ),
    },
    {
        "title": "Web Development Foundations",
        "code": "WEB",
        "type": "qualification",
        "type_data": {
            "acquired_knowledge": "HTML, CSS, HTTP and the basics of accessibility.",
            "acquired_skills": "Builds and publishes a small site that works on a phone and with a keyboard.",
            "acquired_attitudes": "Tests with people who are not like oneself.",
            "application_scope": "Junior positions in web teams.",
        },
        "description": "<p>Builds accessible web pages from an idea to a public address.</p>",
        "assignment_criteria": "<p>Publish a site of at least five pages that passes the course's accessibility check.</p>",
        "tags": ["web", "accessibility"],
        "achievement_type": "Certificate",
        "validity_days": 730,
        "result_descriptions": [
            {"id": "grade", "name": "Final grade", "type": "Percent", "value_min": "0", "value_max": "100"}
        ],
        "design": look(
            "plum", shape=Shape.SHIELD, fill=Fill.GLOW, has_band=False, emblem="code-slash", stars=3
        ),
    },
    {
        "title": "Safe Laboratory Work",
        "code": "LAB",
        "type": "knowledge",
        "type_data": {
            "acquired_knowledge": "Hazard symbols, protective equipment, what to do in an accident.",
            "acquired_skills": "Prepares and leaves a bench safely.",
            "acquired_attitudes": "Speaks up when something is not safe.",
        },
        "description": "<p>Works safely in the chemistry and biology laboratories.</p>",
        "assignment_criteria": "<p>Pass the safety test with at least 90% and the walk through the laboratory.</p>",
        "tags": ["safety", "laboratory"],
        "is_unique": True,
        "validity_days": 365,
        "design": look(
            "ember", shape=Shape.OCTAGON, pattern=Pattern.STRIPES, border=Border.DOUBLE, emblem="flask-fill"
        ),
    },
    {
        "title": "Volunteer of the Green Garden",
        "code": "GREEN",
        "type": "participation",
        "description": "<p>Gave at least twenty hours to the school's garden.</p>",
        "assignment_criteria": "<p>Twenty hours, noted in the garden book and confirmed by a gardener.</p>",
        "tags": ["volunteering", "environment"],
        "achievement_type": "CommunityService",
        "design": look(
            "meadow",
            shape=Shape.SEAL,
            fill=Fill.PLAIN,
            pattern=Pattern.DOTS,
            border=Border.STITCHES,
            emblem="flower1",
        ),
    },
    {
        "title": "Open Day Guest",
        "code": "OPEN",
        "type": "participation",
        "description": "<p>Visited the academy on its open day.</p>",
        "assignment_criteria": "<p>Be there, and enter the code from the poster.</p>",
        "tags": ["event"],
        "limit": 250,
        "design": look(
            "laurel",
            shape=Shape.BURST,
            fill=Fill.GLOW,
            pattern=Pattern.SPARKS,
            border=Border.NONE,
            emblem="star-fill",
        ),
    },
]
# A learning path: its badge is given by itself to whoever has the badges of its steps.
PATH: dict[str, Any] = {
    "title": "Active Digital Citizen",
    "code": "CITIZEN",
    "type": "participation",
    "description": "<p>Understands data, and does something for others with it or beside it.</p>",
    "assignment_criteria": "<p>Earn Data Literacy, and both badges that put it to use.</p>",
    "tags": ["data", "citizenship"],
    "achievement_type": "LearningProgram",
    "is_learning_path": True,
    "is_unique": True,
    "design": look(
        "parchment",
        shape=Shape.SEAL,
        fill=Fill.PLAIN,
        pattern=Pattern.GUILLOCHE,
        border=Border.WREATH,
        has_band=False,
        emblem="people-fill",
    ),
}
# Still being written: nobody can get it, and it has no picture yet.
DRAFT: dict[str, Any] = {
    "title": "Speaking in Public",
    "code": "SPEAK",
    "type": "participation",
    "description": "<p>Speaks freely before an audience, and answers its questions.</p>",
    "tags": ["communication"],
    "status": "inactive",
}
# Out of use: nobody gets it any more, those who have it keep it.
FORMER: dict[str, Any] = {
    "title": "Reading Night",
    "code": "READ",
    "type": "participation",
    "description": "<p>Stayed awake for a night of books in the library.</p>",
    "assignment_criteria": "<p>Be there from dusk till dawn, and read aloud once.</p>",
    "tags": ["event", "reading"],
    "design": look("graphite", shape=Shape.ROSETTE, pattern=Pattern.NONE, emblem="book-fill"),
}
CLEAN_UP: dict[str, Any] = {
    "title": "Harbour Clean-up",
    "code": "HARBOUR",
    "type": "participation",
    "description": "<p>Took two hundred kilos of waste out of the harbour, with others.</p>",
    "assignment_criteria": "<p>Come to one of the Saturdays, and stay until the last bag is weighed.</p>",
    "tags": ["volunteering", "environment"],
    "achievement_type": "CommunityService",
    "design": look(
        "lagoon", shape=Shape.CIRCLE, fill=Fill.GLOW, pattern=Pattern.WAVES, emblem="droplet-fill"
    ),
}


def make_published(
    organization: Organization, values: dict[str, Any], *, by: User, **more: Any
) -> BadgeTemplate:
    """Make a template that badges can be issued from, with a picture drawn as by the designer, where it can be changed."""
    design = replace(values["design"], top=organization.name)
    svg = draw_design(design)
    # Drawn here and not read as something that was uploaded: it is ours.
    png = draw(svg.decode(), width=HIGH_SIZE, height=HIGH_SIZE, texts=[])
    picture = replace(prepare_picture(png, allow_svg=False), svg=svg)
    folder = f"organizations/{organization.uuid}/badge-templates-images"
    drawn = {"image": store_picture(picture, folder=folder), "design": design.kept()}
    template = create_template(organization=organization, fields=values | drawn | more, by=by)
    return publish_template(template=template, by=by)
