"""Uploaded SVG: what survives, what is dropped, and what is refused."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.svg import MAX_BYTES, MAX_DEPTH, MAX_DRAWN, MAX_ELEMENTS, PictureRefused, sanitise_svg

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
RECT = '<rect width="10" height="10"/>'
KEPT_RECT = '<rect width="10" height="10" />'


def drawing(inner: str, attributes: str = 'viewBox="0 0 100 100"') -> bytes:
    return f"<svg {NAMESPACES} {attributes}>{inner}</svg>".encode()


def sanitised(inner: str) -> str:
    """Return what is left inside of the root, which is the same for all of these."""
    result = sanitise_svg(drawing(inner)).decode()
    start = (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="600" height="600">'
    )
    assert result.startswith(start)
    assert result.endswith("</svg>")
    return result.removeprefix(start).removesuffix("</svg>")


def refusal(content: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        sanitise_svg(content)
    assert caught.value.code == "invalid_input"
    return caught.value.message


def root_of(content: bytes) -> Element:
    return fromstring(sanitise_svg(content))


# What survives


def test_drawing_keeps_shapes_gradients_masks_filters_and_text() -> None:
    inner = (
        '<title>A star</title><defs><linearGradient id="a" x1="0" gradientTransform="rotate(90)">'
        '<stop offset="0" stop-color="#fff" /></linearGradient>'
        '<clipPath id="c"><circle r="5" /></clipPath><mask id="m"><ellipse rx="4" ry="5" /></mask>'
        '<filter id="f"><feGaussianBlur stdDeviation="2 3" /></filter>'
        '<symbol id="s" viewBox="0 0 1 1"><path d="M0 0L1,1.5e-3a5 5 0 0 1 .5-.5z" /></symbol></defs>'
        '<g fill="url(#a)" clip-path="url(#c)" mask="url(#m)" filter="url(#f)" transform="scale(2)">'
        '<use href="#s" /><polygon points="0,0 1,1 2,0" style="mix-blend-mode:multiply" /></g>'
        '<text x="1 2" font-family="\'Fira Sans\', serif">Gr&#252;n <tspan fill="red">und</tspan></text>'
    )
    assert sanitised(inner) == inner.replace("&#252;", "ü")


def test_names_with_a_prefix_are_read_by_their_namespace() -> None:
    content = b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><s:rect/><s:script/></s:svg>'
    assert [child.tag for child in root_of(content)] == ["{http://www.w3.org/2000/svg}rect"]


def test_drawing_without_a_namespace_gets_it() -> None:
    assert root_of(b'<svg viewBox="0 0 1 1"><rect/></svg>').tag == "{http://www.w3.org/2000/svg}svg"


def test_drawing_in_utf_16_becomes_utf_8() -> None:
    content = (
        f'<?xml version="1.0" encoding="utf-16"?><svg {NAMESPACES} viewBox="0 0 1 1"><text>è</text></svg>'
    )
    assert "<text>è</text>".encode() in sanitise_svg(content.encode("utf-16"))


def test_sanitising_twice_changes_nothing() -> None:
    once = sanitise_svg(
        drawing(f'<style>.a{{fill:red}}</style><g class="a" id="b">{RECT}<use xlink:href="#d"/></g>')
    )
    assert sanitise_svg(once) == once


def test_old_doctype_of_drawing_programs_is_dropped() -> None:
    doctype = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    result = sanitise_svg(doctype.encode() + drawing(RECT))
    assert (b"DOCTYPE" in result, KEPT_RECT.encode() in result) == (False, True)


def test_old_link_spelling_becomes_the_new_one_and_loses_to_it() -> None:
    targets = '<g id="a" /><g id="b" />'
    assert sanitised(f'{targets}<use xlink:href="#a"/>') == f'{targets}<use href="#a" />'
    assert sanitised(f'{targets}<use href="#b" xlink:href="#a"/>') == f'{targets}<use href="#b" />'
    assert sanitised(f'{targets}<use xlink:href="#a" href="#b"/>') == f'{targets}<use href="#b" />'


# Style sheets


def test_style_sheet_of_illustrator_becomes_attributes() -> None:
    style = "<style type='text/css'><![CDATA[ .st0{fill:#F00;stroke:none;} .st0,.st1{opacity:.5} ]]></style>"
    assert sanitised(f'{style}<path class="st0" d="M0 0"/><path class="st1" d="M1 1"/>') == (
        '<path d="M0 0" fill="#F00" stroke="none" opacity=".5" /><path d="M1 1" opacity=".5" />'
    )


def test_style_attribute_becomes_attributes() -> None:
    assert sanitised(
        '<g style="fill : rgb(1, 2, 3) ;marker: none; transform: translate(2px,3px) rotate(4deg)"><g/></g>'
    ) == (
        '<g fill="rgb(1, 2, 3)" marker-start="none" marker-mid="none" marker-end="none"'
        ' transform="translate(2,3) rotate(4)"><g /></g>'
    )


@pytest.mark.parametrize(
    ("rules", "fill"),
    [
        ("g{fill:b}", "b"),  # a rule beats an attribute
        ("g{fill:b} .k{fill:c} g{fill:d}", "c"),  # a class beats a tag
        (".k{fill:b} #i{fill:c} .k{fill:d}", "c"),  # an identifier beats a class
        (".k{fill:b} .l{fill:c}", "c"),  # of equals, the last
        ("g.k{fill:b} .k{fill:c}", "b"),
        (".k.l{fill:b} .l{fill:c}", "b"),
        ("svg g{fill:b} g{fill:c}", "b"),
        ("#o svg g{fill:b}", "a"),  # nothing is around the root
        (".k > g, .k:hover, g[id], .\\6b{fill:b}", "a"),  # not understood
        ("g{fill:b !important} #i{fill:c}", "b"),
        ("g{fill:b} /* never closed #i{fill:c}", "b"),
        ("@import url(x); @media print{g{fill:b}} *.k{fill:c}", "c"),
        ("@font-face{font-family:x;src:url(http://evil/x)} g{fill:b", "b"),
        ("} g{fill:b} ; { g{fill:c}", "b"),
        ("g{fill:rgb(1 2 3 / 50%)}", "rgb(1 2 3 / 50%)"),
        ("g{fill:url(//evil/x)}", "a"),
        ("g{fill:url('#p')}", "url(#p)"),
        ("g{fill:expression(alert(1))}", "a"),
        ("g{fill:\\75rl(//evil)}", "a"),
        ("g{behavior:url(x);fill:b}", "b"),
    ],
)
def test_rules_apply_by_their_strength(rules: str, fill: str) -> None:
    result = sanitised(f'<style>{rules.replace(">", "&gt;")}</style><g id="i" class="k l" fill="a"/>')
    assert result == f'<g id="i" fill="{fill}" />'


def test_style_attribute_beats_rules_but_not_important_ones() -> None:
    style = "<style>g{fill:a;stroke:b !important}</style>"
    assert sanitised(f'{style}<g style="fill:c;stroke:d"/>') == '<g fill="c" stroke="b" />'


@pytest.mark.parametrize(
    "inner",
    [
        "<style>" + ".a{fill:red}" * 4_001 + "</style><g/>",
        "<style>" + ".a{fill:red}" * 4_000 + "</style>" + '<g class="a"/>' * 1_000,
        "<style>"
        + ".a .b .c{fill:red}" * 500
        + "</style>"
        + '<g class="a">' * 50
        + '<g class="c"/>' * 1_000
        + "</g>" * 50,
    ],
    ids=["rules", "matches", "descendants"],
)
def test_style_sheet_that_takes_too_much_work_is_refused(inner: str) -> None:
    assert refusal(drawing(inner)) == "The SVG has too many style rules. Simplify it, or upload it as PNG."


@pytest.mark.parametrize(
    "inner",
    [
        "<style>" + "/*" * 400_000 + "</style>" + RECT,
        '<g style="fill:' + " " * 900_000 + 'x{"/>' + RECT,
        '<g fill="' + "rgb(" * 200_000 + '"/>' + RECT,
        '<g fill="url(' + " " * 900_000 + '"/>' + RECT,
        f'<g class="{"a " * 400_000}"/>' + "<style>" + ".a{fill:red}" * 3_000 + "</style>" + RECT,
    ],
    ids=["comments", "spaces", "functions", "references", "classes"],
)
def test_repetition_that_slows_down_careless_readers_ends(inner: str) -> None:
    assert sanitised(inner).endswith(KEPT_RECT)


# What is dropped


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        '<script xlink:href="//evil/x.js"/>',
        '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<set attributeName="onmouseover" to="alert(1)"/>',
        '<animateMotion><mpath href="//evil/#x"/></animateMotion>',
        '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
        '<use href="//evil/x.svg#a"/>',
        '<use href="data:image/svg+xml;base64,PHN2Zy8+#a"/>',
        '<use href="javascript:alert(1)"/>',
        '<use xlink:href="other.svg#a"/>',
        '<use xmlns:y="http://www.w3.org/1999/xlink" y:href="other.svg#a"/>',
        '<?xml-stylesheet href="//evil/x.css"?>',
        "<!-- <script>alert(1)</script> -->",
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>',
        '<openbadges:assertion xmlns:openbadges="http://openbadges.org" verify="x">{}</openbadges:assertion>',
        '<video src="//evil/x"/>',
        "loose text",
    ],
)
def test_element_that_could_do_something_is_dropped(hostile: str) -> None:
    assert sanitised(f"{hostile}{RECT}{hostile}") == KEPT_RECT


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'ONCLICK="alert(1)"',
        'onbegin="alert(1)"',
        'x:onload="alert(1)" xmlns:x="http://www.w3.org/2000/svg"',
        'fill="url(http://evil/x)"',
        'fill="url(//evil/#a)"',
        'fill="URL(//evil/#a)"',
        'fill="url(&quot;//evil/#a&quot;)"',
        'fill="url(data:image/png;base64,AAAA)"',
        'fill="url(#a) url(//evil)"',
        'fill="u\\rl(//evil)"',
        'fill="image(//evil)"',
        'filter="url(other.svg#f)"',
        'mask="url( //evil/x )"',
        'clip-path="url(javascript:alert(1))"',
        'style="background:url(//evil)"',
        'style="fill:url(//evil)"',
        'style="fill:/**/url(//evil)"',
        'style="mix-blend-mode:url(//evil)"',
        "style=\"font-family:'x;}@import url(//evil)'\"",
        'cursor="url(//evil)"',
        'href="javascript:alert(1)"',
        'xlink:href="//evil/x"',
        'xml:base="http://evil/"',
        'id="a&quot; onload=&quot;alert(1)"',
        'class="a"',
        'data-x="1"',
        'd="M0 0&lt;script&gt;"',
        'requiredExtensions="x"',
    ],
)
def test_attribute_that_could_do_something_is_dropped(attribute: str) -> None:
    assert sanitised(f'<rect {attribute} width="10" height="10"/>') == KEPT_RECT


def test_root_loses_event_attributes_and_its_place() -> None:
    root = root_of(drawing(RECT, 'viewBox="0 0 1 1" onload="alert(1)" x="9" y="9" version="1.1" fill="red"'))
    assert dict(root.items()) == {"viewBox": "0 0 1 1", "fill": "red", "width": "600", "height": "600"}


def test_link_becomes_a_group_and_keeps_what_is_in_it() -> None:
    assert sanitised(f'<a href="https://evil/">{RECT}</a>') == f"<g>{KEPT_RECT}</g>"
    assert sanitised('<text>a <a href="https://evil/">b</a> c</text>') == "<text>a <tspan>b</tspan> c</text>"


def test_text_around_a_dropped_element_stays() -> None:
    assert (
        sanitised("<text>a<script>x</script>b<tspan>c</tspan>d<set/>e</text>")
        == "<text>ab<tspan>c</tspan>de</text>"
    )


def test_filters_that_read_pictures_or_cost_much_lose_those_steps() -> None:
    steps = '<feImage href="//evil/x"/><feConvolveMatrix order="999"/><feDiffuseLighting/><feFlood/>'
    assert sanitised(f'<filter id="f">{steps}</filter>') == '<filter id="f"><feFlood /></filter>'


def test_huge_filter_numbers_are_bounded() -> None:
    steps = (
        '<feGaussianBlur stdDeviation="1e9"/><feMorphology radius="5000 .5 7"/>'
        '<feTurbulence numOctaves="1000000" baseFrequency=".1"/><feGaussianBlur stdDeviation="-1 nonsense"/>'
    )
    assert sanitised(f"<filter>{steps}</filter>") == (
        '<filter><feGaussianBlur stdDeviation="25" /><feMorphology radius="1 0.5" />'
        '<feTurbulence numOctaves="5" baseFrequency=".1" /><feGaussianBlur stdDeviation="0 0" /></filter>'
    )


def test_second_element_of_one_name_loses_it() -> None:
    assert sanitised('<g id="a"/><g id="a"/>') == '<g id="a" /><g />'


# Size


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ('viewBox="0 0 100 50"', ("0 0 100 50", "600", "300")),
        ('viewBox=" -10,-20.5 , 50 100 "', ("-10 -20.5 50 100", "300", "600")),
        ('width="200000" height="100000"', ("0 0 200000 100000", "600", "300")),
        ('viewBox="0 0 10 10" width="1e30" height="100%"', ("0 0 10 10", "600", "600")),
        ('width="2in" height="25.4mm"', ("0 0 192 96", "600", "300")),
        ('width="30pt" height="2pc"', ("0 0 40 32", "600", "480")),
        ('viewBox="0 0 0 10" width="5px" height="5"', ("0 0 5 5", "600", "600")),
        ('viewBox="nan 0 inf 10" width="5" height="5"', ("0 0 5 5", "600", "600")),
        ('viewBox="0 0 100000 1"', ("0 0 100000 1", "600", "1")),
    ],
)
def test_root_always_has_a_view_box_and_a_usual_size(attributes: str, written: tuple[str, str, str]) -> None:
    root = root_of(drawing(RECT, attributes))
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == written


@pytest.mark.parametrize(
    "attributes",
    ["", 'width="100%" height="100%"', 'width="5"', 'viewBox="0 0 -1 5"', 'width="5em" height="5em"'],
)
def test_drawing_without_a_size_is_refused(attributes: str) -> None:
    assert refusal(drawing(RECT, attributes)) == (
        "The SVG does not say how large it is. Export it with a width and a height, or a viewBox."
    )


@pytest.mark.parametrize("box", ["0 0 1e7 5", "0 0 1e-9 5", "1e7 0 5 5"])
def test_drawing_of_absurd_size_is_refused(box: str) -> None:
    assert refusal(drawing(RECT, f'viewBox="{box}"')) == (
        "The SVG is too large or too small. Export it at a usual size, such as 600 by 600."
    )


# What is refused


@pytest.mark.parametrize(
    "picture",
    [
        '<image href="data:image/png;base64,AAAA"/>',
        '<image xlink:href="/etc/passwd"/>',
        '<g><x:image xmlns:x="http://www.w3.org/2000/svg" href="//evil/x.png"/></g>',
    ],
)
def test_picture_inside_is_refused(picture: str) -> None:
    assert (
        refusal(drawing(RECT + picture)) == "The SVG has a photo or another picture inside. Upload it as PNG."
    )


@pytest.mark.parametrize(
    "definitions",
    [
        "".join(['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]),
        '<!ENTITY a9 SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a9 SYSTEM "http://evil/x.dtd">%a9;',
        f'<!ATTLIST svg fill CDATA "{"x" * 1_000}">',
    ],
)
def test_definitions_in_the_doctype_are_refused(definitions: str) -> None:
    content = f"<!DOCTYPE svg [{definitions}]>".encode() + drawing("<text>&a9;</text>")
    assert refusal(content) == "The SVG has definitions of its own in its DOCTYPE. Export it as plain SVG."


@pytest.mark.parametrize("reference", ["&a;", "&nbsp;"])
def test_undefined_entity_is_refused(reference: str) -> None:
    assert refusal(drawing(f"<text>{reference}</text>")).startswith(
        "The SVG is broken and cannot be read (undefined entity"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg",
        drawing(RECT)[:-1],
        drawing(RECT) + b"<svg/>",
        drawing("<g></h>"),
        b"\xff\xfe<\x00",
        b'<?xml version="1.0" encoding="utf-7"?><svg/>',
        b'<?xml version="1.0" encoding="shift_jis"?><svg/>',
        drawing("<text>\x00</text>"),
    ],
)
def test_broken_xml_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("The SVG is broken and cannot be read (")


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><body>svg</body></html>",
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        b'<svg xmlns="http://example.org/"/>',
        b'<SVG xmlns="http://www.w3.org/2000/svg"/>',
    ],
)
def test_other_xml_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is not an SVG picture."


def test_drawing_of_nothing_is_refused() -> None:
    assert refusal(drawing("<script>alert(1)</script>")) == "The SVG draws nothing."


def test_bounds_of_size_elements_and_depth_are_exact() -> None:
    assert sanitise_svg(drawing(RECT).ljust(MAX_BYTES))
    assert refusal(drawing(RECT).ljust(MAX_BYTES + 1)).startswith("An SVG picture may have at most 1 MiB.")
    assert sanitise_svg(drawing("<g/>" * (MAX_ELEMENTS - 1)))
    assert refusal(drawing("<g/>" * MAX_ELEMENTS)).startswith("The SVG has more than 20000 elements.")
    assert sanitise_svg(drawing("<g>" * (MAX_DEPTH - 1) + "</g>" * (MAX_DEPTH - 1)))
    assert refusal(drawing("<g>" * MAX_DEPTH + "</g>" * MAX_DEPTH)).startswith(
        "The SVG is nested too deeply."
    )


def test_names_that_grow_by_their_namespace_are_refused() -> None:
    content = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="{"x" * 300}" viewBox="0 0 1 1"><x:g/></svg>'
    assert refusal(content.encode()) == "The SVG has names that are too long."


def test_style_that_makes_the_result_too_large_is_refused() -> None:
    style = f"<style>g{{font-family:{'a' * 1_000}}}</style>"
    assert refusal(drawing(style + "<g/>" * 3_000)).startswith("The SVG is too large.")


def doubling(levels: int, times: int) -> str:
    groups = [
        f'<g id="a{level}">{f"""<use href="#a{level - 1}"/>""" * times}</g>' for level in range(1, levels + 1)
    ]
    return f'<g id="a0">{RECT}</g>{"".join(groups)}'


def test_parts_that_multiply_are_refused() -> None:
    assert 10**4 < MAX_DRAWN < 10**5 + 1
    assert sanitise_svg(drawing(doubling(3, 10)))
    message = "The SVG repeats its parts too often. Simplify it, or upload it as PNG."
    assert refusal(drawing(doubling(9, 10))) == message
    patterns = "".join(
        f'<pattern id="p{n}">{f"""<rect fill="url(#p{n - 1})"/>""" * 10}</pattern>' for n in range(1, 10)
    )
    assert refusal(drawing(patterns)) == message
    filters = f'<filter id="f">{"<feFlood/>" * 30}</filter>' + '<g filter="url(#f)"/>' * 100
    assert refusal(drawing(filters)) == message


@pytest.mark.parametrize(
    "inner",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="b"><use href="#a"/></g><g id="a"><use xlink:href="#b"/></g>',
        '<pattern id="a"><rect style="fill:url(#a)"/></pattern>',
        '<mask id="a" mask="url(#a)"/>',
        '<linearGradient id="a" href="#a"/>',
    ],
)
def test_part_inside_of_itself_is_refused(inner: str) -> None:
    assert refusal(drawing(inner)).startswith("The SVG draws a part inside of itself (#a)") or refusal(
        drawing(inner)
    ).startswith("The SVG draws a part inside of itself (#b)")


def test_long_chain_of_parts_is_refused_in_both_directions() -> None:
    forwards = [f'<g id="a{n}"><use href="#a{n + 1}"/></g>' for n in range(500)]
    assert refusal(drawing("".join(forwards))).startswith("The SVG refers from part to part too often.")
    assert refusal(drawing("".join(reversed(forwards)))).startswith("The SVG repeats its parts too often.")


def test_filter_of_too_many_steps_is_refused() -> None:
    assert refusal(drawing(f"<filter>{'<feFlood/>' * 31}</filter>")).startswith(
        "The SVG has a filter of too many steps."
    )


# Whatever comes

GOOD = drawing(
    '<style>.a{fill:url(#b)}</style><linearGradient id="b"><stop stop-color="red"/></linearGradient>'
    '<g class="a" style="opacity:.5"><use xlink:href="#c"/></g><path id="c" d="M0 0L9 9"/><text>&amp;</text>'
)


def check_anything(content: bytes) -> None:
    """Either a refusal, or a picture that is unchanged by being sanitised again."""
    try:
        once = sanitise_svg(content)
    except PictureRefused:
        return
    assert sanitise_svg(once) == once


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_nothing_else_happens(content: bytes) -> None:
    check_anything(content)


@settings(max_examples=500, deadline=None)
@given(
    st.integers(0, len(GOOD) - 1),
    st.integers(0, 20),
    st.binary(max_size=10) | st.sampled_from([b"<g>", b"url(", b"#b"]),
)
def test_changed_good_file_is_refused_or_sanitised(position: int, removed: int, inserted: bytes) -> None:
    check_anything(GOOD[:position] + inserted + GOOD[position + removed :])


FRAGMENTS = [
    "url(",
    "#a",
    ")",
    "//evil",
    '"',
    "'",
    "\\",
    "rgb(",
    ";",
    ":",
    "fill",
    "{",
    "}",
    "/*",
    "*/",
    "@import ",
    " ",
    "expression(",
    "javascript",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_no_value_leads_outside(value: str) -> None:
    escaped = value.replace('"', "&quot;")
    for inner in (
        f'<g fill="{escaped}"/>',
        f'<g style="fill:{escaped}"/>',
        f"<style>g{{fill:{escaped}}}</style><g/>",
    ):
        result = sanitised(inner + RECT)
        assert "evil" not in result
        assert "url(" not in result.replace("url(#a)", "")
        assert "\\" not in result
