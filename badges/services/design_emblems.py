"""The emblems of the badge designer: what each one shows, words to find it by, and its drawing."""

import re
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.env import BASE_DIR

SPRITE = "badge_icons/emblems.svg"  # in static/; static/vendor/refresh.mjs makes it
SIZE = 16  # units of a drawing, wide and high

# What it shows, then other words that people may look for.
EMBLEMS: dict[str, tuple[str | Promise, str | Promise]] = {
    "award-fill": (_("Rosette"), _("award prize honour")),
    "trophy-fill": (_("Trophy"), _("cup winner champion competition")),
    "star-fill": (_("Star"), _("excellent favourite")),
    "stars": (_("Stars"), _("magic excellent night")),
    "patch-check-fill": (_("Seal"), _("verified approved tick")),
    "gem": (_("Gem"), _("diamond precious jewel")),
    "bullseye": (_("Target"), _("aim goal archery")),
    "flag-fill": (_("Flag"), _("goal milestone finish")),
    "fire": (_("Flame"), _("fire hot passion")),
    "lightning-charge-fill": (_("Lightning"), _("energy power fast electricity")),
    "rocket-takeoff-fill": (_("Rocket"), _("start launch space project")),
    "hand-thumbs-up-fill": (_("Thumb up"), _("good like praise")),
    "check-circle-fill": (_("Tick"), _("done complete passed")),
    "mortarboard-fill": (_("Graduate's cap"), _("graduation school university degree")),
    "book-fill": (_("Book"), _("reading study literature library")),
    "journal-bookmark-fill": (_("Notebook"), _("course diary learning")),
    "backpack-fill": (_("School bag"), _("pupil school hiking")),
    "easel-fill": (_("Board"), _("teaching training presentation lesson")),
    "pencil-fill": (_("Pencil"), _("writing drawing school")),
    "pen-fill": (_("Pen"), _("writing author text")),
    "lightbulb-fill": (_("Light bulb"), _("idea innovation creativity")),
    "puzzle-fill": (_("Puzzle"), _("problem solving logic games")),
    "flask-fill": (_("Flask"), _("science chemistry laboratory research")),
    "calculator-fill": (_("Calculator"), _("mathematics accounting numbers")),
    "infinity": (_("Infinity"), _("mathematics endless lifelong")),
    "bar-chart-fill": (_("Bars"), _("data statistics analysis growth")),
    "pie-chart-fill": (_("Pie chart"), _("data statistics analysis share")),
    "diagram-3-fill": (_("Diagram"), _("structure organization management plan")),
    "binoculars-fill": (_("Binoculars"), _("research discover look nature")),
    "cpu-fill": (_("Chip"), _("computer hardware electronics artificial intelligence")),
    "code-slash": (_("Code"), _("programming software developer web")),
    "terminal-fill": (_("Terminal"), _("programming computer administration")),
    "database-fill": (_("Database"), _("data storage server")),
    "robot": (_("Robot"), _("robotics artificial intelligence automation")),
    "bug-fill": (_("Beetle"), _("testing quality insect biology")),
    "gear-fill": (_("Cogwheel"), _("engineering technology machine settings")),
    "tools": (_("Tools"), _("craft workshop repair technician")),
    "hammer": (_("Hammer"), _("craft building carpenter law")),
    "shield-fill-check": (_("Shield"), _("security safety protection data privacy")),
    "lock-fill": (_("Lock"), _("security privacy password")),
    "key-fill": (_("Key"), _("access solution security")),
    "globe-europe-africa-fill": (_("Globe"), _("world europe geography international language")),
    "translate": (_("Languages"), _("translation foreign language")),
    "chat-quote-fill": (_("Speech bubble"), _("communication conversation language debate")),
    "megaphone-fill": (_("Megaphone"), _("marketing speech campaign voice")),
    "mic-fill": (_("Microphone"), _("speaking podcast radio singing")),
    "people-fill": (_("People"), _("team group community cooperation")),
    "person-check-fill": (_("Person"), _("member leadership mentor human resources")),
    "universal-access-circle": (_("Accessibility"), _("inclusion disability barrier free")),
    "camera-fill": (_("Camera"), _("photography film media")),
    "music-note-beamed": (_("Music"), _("note song instrument")),
    "palette-fill": (_("Palette"), _("art painting design colour")),
    "brush-fill": (_("Brush"), _("art painting craft")),
    "scissors": (_("Scissors"), _("craft tailor hairdresser")),
    "heart-fill": (_("Heart"), _("volunteer care love thanks")),
    "heart-pulse-fill": (_("Pulse"), _("health sport first aid medicine")),
    "hospital-fill": (_("Hospital"), _("medicine nursing health")),
    "bandaid-fill": (_("Plaster"), _("first aid care injury")),
    "tree-fill": (_("Tree"), _("nature forest environment")),
    "flower1": (_("Flower"), _("nature garden spring")),
    "sun-fill": (_("Sunshine"), _("summer energy light weather")),
    "droplet-fill": (_("Drop"), _("water blood swimming")),
    "recycle": (_("Recycling"), _("environment sustainability waste")),
    "bicycle": (_("Bicycle"), _("sport cycling traffic")),
    "compass-fill": (_("Compass"), _("orientation travel scout guide")),
    "map-fill": (_("Map"), _("geography travel journey path")),
    "airplane-fill": (_("Aeroplane"), _("travel flight exchange abroad")),
    "signpost-2-fill": (_("Signpost"), _("orientation career advice way")),
    "truck-front-fill": (_("Lorry"), _("transport logistics driver")),
    "briefcase-fill": (_("Briefcase"), _("work business job career")),
    "piggy-bank-fill": (_("Piggy bank"), _("money saving finance")),
    "building-fill": (_("Building"), _("company office architecture city")),
    "cup-hot-fill": (_("Hot drink"), _("coffee tea barista break")),
    "egg-fried": (_("Fried egg"), _("cooking kitchen food")),
    "stopwatch-fill": (_("Stopwatch"), _("time speed sport")),
    "calendar-check-fill": (_("Calendar"), _("event attendance taken part date")),
}


def emblem_drawing(name: str) -> str:
    """Return the shapes of an emblem as SVG without a colour, in a square of SIZE units."""
    return _drawings()[name]


@cache
def _drawings() -> dict[str, str]:
    sprite = (BASE_DIR / "static" / SPRITE).read_text(encoding="utf-8")
    return dict(re.findall(r'<symbol id="([^"]+)" viewBox="0 0 16 16">(.*?)</symbol>', sprite))
