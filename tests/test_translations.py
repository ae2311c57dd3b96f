"""The Italian catalogue is complete and fresh: every sentence of the code and the templates is in it, and it is compiled."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib import admin
from django.template.base import Node, Variable
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.urls import reverse
from django.utils import translation

from badges.mails import badge_issued_mail
from badges.models import Badge, BadgeTemplate, Batch
from badges.services.batches import create_batch, run_batch
from earners.services import Person
from organizations.models import Message, Organization, User
from tests import factories
from tests.api import Api

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "config" / "locale" / "it" / "LC_MESSAGES" / "django.po"
CODE = ("badges", "claimcodes", "config", "earners", "organizations")
# Functions that name a sentence, and how many forms of it they take.
FORMS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ 0#]*[\d.]*([diouxXeEfFgGcrs])|(%[a-z%])|(\{\w*\})")
MARKUP = re.compile(r"</?\w+>")
# A sentence that a template hands to one of its parts: {% include "_icon.html" with label=_("Move up") %}
HANDED = re.compile(r"""\b_\((["'])(.+?)\1\)""")


@dataclass
class Entry:
    """A sentence of the catalogue: its forms in English, and in Italian."""

    english: list[str] = field(default_factory=list)
    italian: list[str] = field(default_factory=list)
    is_fuzzy: bool = False


def _read(text: str) -> list[Entry]:
    """Return the entries of a catalogue without contexts, the header left out."""
    entries: list[Entry] = []
    entry = Entry()
    forms: list[str] = []
    for line in text.splitlines():
        if line.startswith("#,") and "fuzzy" in line:
            entry.is_fuzzy = True
        elif not line or line.startswith("#"):
            continue
        elif line.startswith('"'):
            forms[-1] += ast.literal_eval(line)
        else:
            keyword, written = line.split(" ", 1)
            assert keyword in {"msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]"}, line
            if keyword == "msgid":
                is_fuzzy = entry.is_fuzzy and not entry.english
                entry = Entry(is_fuzzy=is_fuzzy)
                entries.append(entry)
            forms = entry.italian if keyword.startswith("msgstr") else entry.english
            forms.append(ast.literal_eval(written))
    return [entry for entry in entries if entry.english != [""]]


ENTRIES = _read(CATALOGUE.read_text(encoding="utf-8"))
# What may be asked for: all forms of a sentence, and the first one alone.
KNOWN = {tuple(entry.english) for entry in ENTRIES} | {(entry.english[0],) for entry in ENTRIES}


def _compiled(path: Path) -> dict[Any, str]:
    with path.open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: value for key, value in catalogue.items() if key}


def _sentences_of_code(path: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        forms = [
            argument.value
            for argument in node.args[: FORMS.get(name, 0)]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if forms:
            assert len(forms) == FORMS[name], f"{path}:{node.lineno}"
            yield tuple(forms)


def _sentences_of_template(name: str) -> Iterator[tuple[str, ...]]:
    template: Any = get_template(name)
    yield from ((sentence,) for _quote, sentence in HANDED.findall(template.template.source))
    for node in template.template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode):
            variable = node.filter_expression.var
            if isinstance(variable, Variable) and isinstance(variable.literal, str):
                yield (str(variable.literal).replace("%", "%%"),)
        elif isinstance(node, BlockTranslateNode):
            bodies = [node.singular, *([node.plural] if node.plural else [])]
            written = [node.render_token_list(body)[0] for body in bodies]
            yield tuple(re.sub(r"\s*\n\s*", " ", text.strip()) if node.trimmed else text for text in written)


def _templates() -> list[str]:
    folder = ROOT / "templates"
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in {".html", ".txt"}
    )


def test_catalogue_has_every_sentence_of_the_code() -> None:
    used = {
        (str(path.relative_to(ROOT)), sentence)
        for app in CODE
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        for sentence in _sentences_of_code(path)
    }

    assert len(used) > 700
    assert [use for use in sorted(used) if use[1] not in KNOWN] == []


@pytest.mark.parametrize("name", _templates())
def test_catalogue_has_every_sentence_of_a_template(name: str) -> None:
    assert [sentence for sentence in _sentences_of_template(name) if sentence not in KNOWN] == []


def test_catalogue_has_no_sentence_that_nobody_says() -> None:
    used = {
        sentence[0]
        for app in CODE
        for path in (ROOT / app).rglob("*.py")
        for sentence in _sentences_of_code(path)
    }
    used |= {sentence[0] for name in _templates() for sentence in _sentences_of_template(name)}

    assert [entry.english[0] for entry in ENTRIES if entry.english[0] not in used] == []


def test_catalogue_says_everything_for_certain() -> None:
    unsaid = [
        entry.english[0]
        for entry in ENTRIES
        if entry.is_fuzzy or not all(entry.italian) or len(entry.italian) != len(entry.english)
    ]

    assert unsaid == []


@pytest.mark.parametrize(
    ("pattern", "what"), [(PLACEHOLDER, "placeholders"), (MARKUP, "markup")], ids=["placeholders", "markup"]
)
def test_catalogue_loses_and_adds_nothing(pattern: re.Pattern[str], what: str) -> None:
    def parts(text: str) -> list[Any]:
        return sorted(pattern.findall(text))

    changed = [
        entry.english[0]
        for entry in ENTRIES
        for english, italian in zip(entry.english, entry.italian, strict=True)
        if parts(english) != parts(italian)
    ]

    assert changed == [], f"{what} differ"


def test_catalogue_begins_and_ends_sentences_alike() -> None:
    """What is put together from several sentences needs its spaces and line breaks."""
    changed = [
        entry.english[0]
        for entry in ENTRIES
        for english, italian in zip(entry.english, entry.italian, strict=True)
        if (english[:1].isspace(), english[-1:].isspace()) != (italian[:1].isspace(), italian[-1:].isspace())
    ]

    assert changed == []


def test_compiled_catalogue_is_fresh() -> None:
    written: dict[Any, str] = {}
    for entry in ENTRIES:
        if len(entry.english) == 1:
            written[entry.english[0]] = entry.italian[0]
        else:
            written |= {(entry.english[0], number): text for number, text in enumerate(entry.italian)}

    assert _compiled(CATALOGUE.with_suffix(".mo")) == written, "compile it: python manage.py compilemessages"


@pytest.mark.parametrize("folder", ["conf", "contrib/admin", "contrib/auth"])
def test_catalogue_leaves_the_words_of_django_alone(folder: str) -> None:
    """One catalogue overrules the other everywhere: “May” is a month, whatever else it means on one page."""
    path = Path(django.__path__[0]) / folder / "locale" / "it" / "LC_MESSAGES" / "django.mo"
    theirs, ours = _compiled(path), _compiled(CATALOGUE.with_suffix(".mo"))

    others = {key for key, text in ours.items() if theirs.get(key, text) != text}

    assert others <= {
        "Change",  # Django itself says two things
        "Delete",  # what the button does is the same; “Cancella” is our word for erasing a person
        "Remove",  # what the button does in the admin is the same, but nothing is deleted elsewhere
    }


def test_catalogue_is_where_the_settings_look() -> None:
    assert [path / "it" / "LC_MESSAGES" / "django.po" for path in settings.LOCALE_PATHS] == [CATALOGUE]


def test_models_and_fields_of_the_admin_have_names_in_italian() -> None:
    models = {model for model in admin.site._registry if model._meta.app_label in CODE}
    models |= {inline.model for page in admin.site._registry.values() for inline in page.inlines}
    names = {name for model in models for name in (model._meta.verbose_name, model._meta.verbose_name_plural)}
    names |= {
        field.verbose_name
        for model in models
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if not field.auto_created
    }

    with translation.override(None):
        english = {str(name) for name in names}
    with translation.override("it"):
        same = english & {str(name) for name in names}

    assert len(english) > 200
    assert same == {"account", "badge", "logo", "passkey", "password", "staff"}


def test_staff_read_the_admin_in_their_language(client: Client, staff: User, badge: Badge) -> None:
    client.force_login(staff)
    address = reverse("admin:badges_badge_change", args=[badge.pk])

    italian, english = (
        client.get(address, headers={"Accept-Language": language}).content.decode()
        for language in ("it", "en")
    )

    assert [word in italian for word in ("Modelli di badge", "Rilasciato il", "Scade il")] == [True] * 3
    assert [word in english for word in ("Badge templates", "Issued at", "Expires at")] == [True] * 3


def test_api_names_what_is_wrong_in_the_language_of_the_request(acme: Organization, acme_key: str) -> None:
    answer = Api(acme_key).put("", {"name": "", "website": "nowhere"}, **{"Accept-Language": "it"})

    assert (answer.status_code, answer["Content-Language"]) == (422, "it")
    assert answer.json() == {
        "message": "Il campo name è obbligatorio. (e 1 altro errore)",
        "errors": {
            "name": ["Il campo name è obbligatorio."],
            "website": ["Il campo website deve essere un URL valido."],
        },
    }


@pytest.mark.parametrize(
    ("own", "asked", "sentence"),
    [
        ("it", None, "Il campo name è obbligatorio."),
        ("it", "en", "The name field is required."),
        ("en", None, "The name field is required."),
    ],
)
def test_api_speaks_the_language_of_the_organization_unless_asked_for_another(
    acme: Organization, acme_key: str, own: str, asked: str | None, sentence: str
) -> None:
    Organization.objects.filter(pk=acme.pk).update(language=own)

    answer = Api(acme_key).put("", {"name": ""}, **({"Accept-Language": asked} if asked else {}))

    assert answer.json() == {"message": sentence, "errors": {"name": [sentence]}}


def test_api_refusals_of_services_are_italian_too(acme_key: str, template: BadgeTemplate) -> None:
    body = {
        "badge_template_id": str(template.uuid),
        "recipient_email": "ada@example.org",
        "evidence": [{"url": "nowhere"}],
    }

    answer = Api(acme_key).post("/badges", body, **{"Accept-Language": "it"})

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]["evidence.0.url"] == [
        "Questo non è un indirizzo web completo. Deve cominciare con https:// o http:// e non contenere spazi."
    ]
    assert not Badge.objects.exists()


def test_pages_are_in_the_language_of_the_browser(client: Client, badge: Badge) -> None:
    italian = {"Accept-Language": "it-IT,it;q=0.9,en;q=0.5"}
    shown = client.get(badge.public_path, headers=italian | {"Accept": "text/html"}).content.decode()
    claim = client.get("/claim", headers=italian).content.decode()

    assert [word in shown for word in ('<html lang="it"', "Ottenuto da", "Rilasciato da", "Superata")] == [
        True
    ] * 4
    assert [word in shown for word in ("Earned by", "Issued by", "Passed")] == [False] * 3
    assert [
        word in claim for word in ('<html lang="it"', "Ottieni il tuo badge", "Hai ricevuto un codice?")
    ] == [True] * 3


def test_mail_is_in_the_language_of_the_organization(acme: Organization, template: BadgeTemplate) -> None:
    Organization.objects.filter(pk=acme.pk).update(language="it")
    factories.badge(template)

    mail = badge_issued_mail(Message.objects.get())

    assert mail is not None
    assert mail.subject == "Il tuo badge: Data literacy"
    assert "Gentile Ada," in str(mail.body)
    assert "Acme Academy ti ha rilasciato il badge “Data literacy”." in str(mail.body)
    assert "See your badge" not in str(mail.alternatives[0][0])


def test_reasons_of_a_batch_are_in_the_language_of_the_organization(acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(language="it")
    template = factories.template(acme, is_unique=True)
    factories.badge(template)
    batch = create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)

    run_batch(Batch.objects.get(pk=batch.pk))

    assert batch.rows.get().reason == (
        "Questo destinatario ha già questo badge, e il modello lo assegna una volta sola."
    )
