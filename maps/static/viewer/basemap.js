// The base map that the operator has set: tiles of this service, or 天地图; by default there is none.

export function addBasemap(map, basemap) {
  if (!basemap) return;
  const pane = map.createPane("base");
  pane.style.zIndex = 150;
  const options = { pane: "base", maxZoom: 20, maxNativeZoom: basemap.most_zoom, minNativeZoom: 1, opacity: 0.75 };
  L.tileLayer(basemap.url, options).addTo(map);
  if (basemap.labels) L.tileLayer(basemap.labels, options).addTo(map);
  L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(plain(basemap.attribution)).addTo(map);
}

// Leaflet takes an attribution as markup; ours is text.
function plain(text) {
  const place = document.createElement("span");
  place.textContent = text;
  return new XMLSerializer().serializeToString(place).replace(/^<span[^>]*>|<\/span>$/g, "");
}
