"""A figure inlines what is vendored and refuses all else; its policy allows its own scripts alone."""

from __future__ import annotations

import base64
import hashlib
import re

import folium
import folium.plugins
import pytest
from branca.element import CssLink, JavascriptLink

from maps.offline import ExternalAssetError, InlineScript, InlineStyle, OfflineFigure
from maps.plan_map import PlanMap

BOUNDS = [[30.1, 120.1], [30.2, 120.3]]


def figure_with(element) -> OfflineFigure:
    figure = OfflineFigure()
    figure.add_child(element)
    return figure


def test_folium_as_shipped_is_refused():
    with pytest.raises(ExternalAssetError, match=r"manifest\.json"):
        figure_with(folium.Map(tiles=None)).page("", "{}")


@pytest.mark.parametrize(
    "plugin", [folium.plugins.Fullscreen, folium.plugins.MarkerCluster, folium.plugins.HeatMap, folium.plugins.Draw]
)
def test_plugin_that_loads_from_a_network_is_refused_when_the_page_is_made(plugin):
    plan_map = PlanMap(BOUNDS)
    plan_map.add_child(plugin([[30.15, 120.2]]) if plugin is folium.plugins.HeatMap else plugin())
    with pytest.raises(ExternalAssetError):
        figure_with(plan_map).page("", "{}")


@pytest.mark.parametrize("link", [JavascriptLink, CssLink])
@pytest.mark.parametrize("url", ["//other.example/x.js", "x.js", "https://other.example/leaflet@1.9.3/dist/leaflet.js"])
def test_address_that_is_not_vendored_is_refused(link, url):
    with pytest.raises(ExternalAssetError):
        OfflineFigure().header.add_child(link(url))


def test_page_links_nothing_and_carries_the_licence():
    page = figure_with(PlanMap(BOUNDS)).page("plan", "{}")
    assert not re.search(r"<(script|img|iframe)[^>]*\ssrc=", page)
    assert re.findall(r"<link[^>]*>", page) == ['<link rel="icon" href="data:,">']
    assert all(target.startswith("data:") for target in re.findall(r"url\(([^)]*)\)", page) if "#" not in target)
    assert "Redistribution and use in source and binary forms" in page
    assert "sourceMappingURL" not in page


def test_plan_map_leaves_foliums_shared_lists_alone():
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    PlanMap(BOUNDS)
    assert (folium.Map.default_js, folium.Map.default_css) == before


def sources(page: str, directive: str) -> set[str]:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    return set(re.search(rf"{directive} ([^;]*)", policy)[1].split())


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_policy_names_each_script_by_hash_and_none_that_title_or_data_bring():
    figure = figure_with(PlanMap(BOUNDS))
    page = figure.page("</title><script>evil()</script>", '{"a":"\\u003cscript>"}')
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    allowed = sources(page, "script-src")
    assert allowed == {digest(text) for text in scripts}
    assert digest("evil()") not in allowed
    assert "<script>evil()" not in page
    assert sources(page, "default-src") == {"'none'"}


def test_policy_is_the_same_whatever_the_data():
    figure = figure_with(PlanMap(BOUNDS))
    first = sources(figure.page("a", "{}"), "script-src")
    assert first == sources(figure.page("{{ 7 * 7 }}", '["<b>"]'.replace("<", "\\u003c")), "script-src")
    assert "{{ 7 * 7 }}" in figure.page("{{ 7 * 7 }}", "{}")


def test_data_that_could_end_their_element_are_refused():
    with pytest.raises(ValueError, match="'<'"):
        figure_with(PlanMap(BOUNDS)).page("", '["</script>"]')


@pytest.mark.parametrize(("element", "text"), [(InlineScript, "'</SCRIPT>'"), (InlineStyle, "a{}</style>")])
def test_text_that_ends_its_own_element_is_refused(element, text):
    with pytest.raises(ValueError, match="end tag"):
        element(text)
