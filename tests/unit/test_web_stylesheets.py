import gzip
import re
from itertools import product
from pathlib import Path

import pytest

from marketplace.web.icons import ICONS

ROOT = Path(__file__).resolve().parents[2] / "platform" / "marketplace"
CSS = ROOT / "web" / "static" / "web" / "css"
JS = ROOT / "web" / "static" / "web" / "js"
TEMPLATES = sorted(ROOT.glob("**/templates/**/*.html"))
TOKENS = {
    name: pair
    for name, *pair in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", (CSS / "tokens.css").read_text(encoding="utf-8")
    )
}
ON_PAGES = ["text", "muted", "brand", "brand-hover", "accent", "success", "warn", "danger"]
PAIRS = [
    *product(ON_PAGES, ["bg", "surface"]),
    ("text", "sunken"),
    ("muted", "sunken"),
    ("on-brand", "brand"),
    ("on-brand", "brand-hover"),
    *((f"{tone}-text", f"{tone}-fill") for tone in ("ok", "warn", "bad", "info", "neutral")),
]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_agrees_with_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_are_readable_on_their_ground(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("line", ["border", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"])
def test_boxes_and_pictures_stand_out_from_the_page(line: str, theme: int) -> None:
    assert contrast(TOKENS[line][theme], TOKENS["bg"][theme]) >= 3


def test_all_stylesheets_together_stay_under_25_kilobytes_compressed() -> None:
    assert len(gzip.compress(b"".join(sheet.read_bytes() for sheet in sorted(CSS.glob("*.css"))))) <= 25_000


def test_no_stylesheet_is_longer_than_three_hundred_lines() -> None:
    assert {sheet.name: n for sheet in CSS.glob("*.css") if (n := len(sheet.read_text(encoding="utf-8").splitlines())) > 300} == {}


def test_the_script_stays_under_8_kilobytes_compressed() -> None:
    assert len(gzip.compress(b"".join(script.read_bytes() for script in sorted(JS.glob("*.js"))))) <= 8_000


def test_a_colour_is_written_once_among_the_tokens() -> None:
    elsewhere = {
        sheet.name: re.findall(r"#[0-9a-fA-F]{6}\b", sheet.read_text(encoding="utf-8"))
        for sheet in CSS.glob("*.css")
        if sheet.name != "tokens.css"
    }
    assert elsewhere == {name: [] for name in elsewhere}


def test_nothing_is_smaller_than_thirteen_pixels() -> None:
    sizes = [
        float(size) for sheet in CSS.glob("*.css") for size in re.findall(r"font-size: ([\d.]+)rem", sheet.read_text(encoding="utf-8"))
    ]
    assert sizes
    assert min(sizes) >= 0.8125


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_policy_refuses(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    refused = [
        *re.findall(r"<style\b", source),
        *re.findall(r"\sstyle\s*=", source),
        *re.findall(r"\son[a-z]+\s*=\s*[\"']", source),
        *re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*\btype=[\"']application/json)[^>]*>", source),
        *re.findall(r"javascript:", source),
        *re.findall(r"(?:src|href)=[\"'](?:https?:)?//", source),
    ]
    assert refused == []


def test_every_icon_that_a_template_names_was_drawn() -> None:
    named = {name for template in TEMPLATES for name in re.findall(r"{% icon [\"'](\w+)[\"'] %}", template.read_text(encoding="utf-8"))}
    assert {"search", "menu", "check"} <= named
    assert named - set(ICONS) == set()
