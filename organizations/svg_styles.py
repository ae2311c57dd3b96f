"""Style sheets and `style` attributes of uploaded SVG files, read to be written as plain attributes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from organizations.svg_values import PROPERTIES, STYLE_ONLY_PROPERTIES

MAX_RULES = 4_000
MAX_WORK = 1_000_000
MAX_CLASS_CHARACTERS = 1_000
MAX_COMPOUNDS = 8

# A comment that is never closed reaches to the end, as in CSS; without that the search would take quadratic
# time.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_NEXT = re.compile(r"[{};]")
_BRACE = re.compile(r"[{}]")
_PROPERTIES = PROPERTIES | STYLE_ONLY_PROPERTIES
_COMPOUND = re.compile(r"(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)")
_MARKER_ENDS = ("marker-start", "marker-mid", "marker-end")

Declaration = tuple[str, str, bool]


class TooManyStyles(ValueError):
    """The style sheet has more rules, or they meet more elements, than a picture needs."""


@dataclass(frozen=True)
class Compound:
    """One step of a selector: the tag, identifiers and classes that an element must have."""

    tag: str | None
    identifiers: frozenset[str]
    classes: frozenset[str]

    def matches(self, element: Element) -> bool:
        """Return whether the element is one of those that are meant."""
        return (
            (self.tag is None or self.tag == local_name(element))
            and (not self.identifiers or self.identifiers == {element.get("id", "")})
            and (not self.classes or self.classes <= classes_of(element))
        )


@dataclass(frozen=True)
class Rule:
    """A selector of compounds, each inside of the one before it, and the declarations that it brings."""

    compounds: tuple[Compound, ...]
    declarations: tuple[Declaration, ...]
    order: int

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The specificity of CSS (identifiers, classes, tags), and after it the order in the file."""
        return (
            sum(len(compound.identifiers) for compound in self.compounds),
            sum(len(compound.classes) for compound in self.compounds),
            sum(compound.tag is not None for compound in self.compounds),
            self.order,
        )

    def work(self, ancestors: Sequence[Element]) -> int:
        """Return how much it takes to try the rule on an element, in comparisons."""
        return 1 + len(self.declarations) + (len(ancestors) if len(self.compounds) > 1 else 0)

    def matches(self, element: Element, ancestors: Sequence[Element]) -> bool:
        """Return whether the last compound is the element, and the others are around it in their order."""
        *outer, last = self.compounds
        if not last.matches(element):
            return False
        around = iter(reversed(ancestors))
        return all(any(compound.matches(ancestor) for ancestor in around) for compound in reversed(outer))


class StyleSheet:
    """The rules of all `<style>` elements of one file.

    Understood are lists of selectors made of tags, classes, identifiers and `*`, alone, joined, or one
    inside of another: what drawing programs write. Rules with other selectors and at-rules (@import,
    @media, @font-face) are left out. Raises TooManyStyles from the constructor and from `properties_of`.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_key: defaultdict[str, list[Rule]] = defaultdict(list)
        self._work = 0
        rules = 0
        for selectors, body in (block for text in texts for block in _blocks(_COMMENT.sub(" ", text))):
            declarations = tuple(declarations_in(body))
            for selector in selectors.split(","):
                compounds = _compounds(selector)
                if not compounds or not declarations:
                    continue
                rules += 1
                if rules > MAX_RULES:
                    raise TooManyStyles
                self._by_key[_key(compounds[-1])].append(Rule(compounds, declarations, rules))

    def properties_of(self, element: Element, ancestors: Sequence[Element]) -> dict[str, str]:
        """Return what rules and the `style` attribute say of an element: the strongest of each property."""
        keys = [f"#{element.get('id', '')}", local_name(element), "*"]
        keys += [f".{name}" for name in classes_of(element)]
        candidates = [rule for key in keys for rule in self._by_key.get(key, ())]
        self._work += sum(rule.work(ancestors) for rule in candidates)
        if self._work > MAX_WORK:
            raise TooManyStyles
        matching = sorted(
            (rule for rule in candidates if rule.matches(element, ancestors)), key=lambda rule: rule.rank
        )
        declarations = [declaration for rule in matching for declaration in rule.declarations]
        declarations += declarations_in(_COMMENT.sub(" ", element.get("style", "")))
        # A stable sort by importance leaves everything else in the order of its strength.
        return {
            name: value for name, value, _ in sorted(declarations, key=lambda declaration: declaration[2])
        }


def declarations_in(body: str) -> Iterator[Declaration]:
    """Yield name, value and importance of what a rule has in its braces, or a `style` attribute.

    `marker` is resolved into the three that it stands for. Pieces of another form are left out.
    """
    for piece in body.split(";"):
        name, _, value = piece.partition(":")
        name, value = name.strip().lower(), value.strip()
        is_important = value.lower().endswith("important") and value[: -len("important")].rstrip().endswith(
            "!"
        )
        if is_important:
            value = value[: -len("important")].rstrip()[:-1].rstrip()
        for known in _MARKER_ENDS if name == "marker" else (name,):
            if value and known in _PROPERTIES:
                yield known, value, is_important


@lru_cache(maxsize=1024)
def _split_classes(text: str) -> frozenset[str]:
    return frozenset(text.split())


def classes_of(element: Element) -> frozenset[str]:
    """Return the classes of an element; none when there are absurdly many."""
    text = element.get("class", "")
    return _split_classes(text) if len(text) <= MAX_CLASS_CHARACTERS else frozenset()


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and body of each rule that is not an at-rule and not inside of one."""
    position = 0
    while match := _NEXT.search(css, position):
        prelude = css[position : match.start()].strip()
        position = match.end()
        if match[0] == "{":
            body_start, position = position, _block_end(css, position)
            if not prelude.startswith("@"):
                yield prelude, css[body_start:position].removesuffix("}")


def _block_end(css: str, position: int) -> int:
    depth = 1
    for brace in _BRACE.finditer(css, position):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return len(css)


def _compounds(selector: str) -> tuple[Compound, ...]:
    """Return the steps of a selector; none when one of them is of a kind that is not understood."""
    steps = selector.split()
    matches = [_COMPOUND.fullmatch(step) for step in steps[: MAX_COMPOUNDS + 1]]
    if len(matches) > MAX_COMPOUNDS or not all(matches):
        return ()
    return tuple(_compound(match) for match in matches if match)


def _compound(match: re.Match[str]) -> Compound:
    names = re.findall(r"[.#][\w-]+", match[2])
    return Compound(
        tag=None if match[1] in {None, "*"} else match[1],
        identifiers=frozenset(name[1:] for name in names if name[0] == "#"),
        classes=frozenset(name[1:] for name in names if name[0] == "."),
    )


def _key(compound: Compound) -> str:
    """Return under which of an element's names the rule is found: the rarest first."""
    if compound.identifiers:
        return f"#{min(compound.identifiers)}"
    if compound.classes:
        return f".{min(compound.classes)}"
    return compound.tag or "*"
