// A canvas over the map: painters draw on it, lowest first, whenever the map moves or they are told to.

import { ZOOM } from "./shapes.js";

export const Sheet = L.Layer.extend({
  initialize(ground, painters) {
    this.ground = ground;
    this.painters = painters;
    this.sharp = 1;
  },

  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "sheet leaflet-zoom-animated", map.getPane("overlayPane"));
    this.canvas.setAttribute("aria-hidden", "true");
    this.pending = 0;
    this.draw();
  },

  onRemove() {
    cancelAnimationFrame(this.pending);
    this.canvas.remove();
  },

  getEvents() {
    return { move: this.draw, resize: this.draw, zoomanim: this._follow, zoomend: this.draw, viewreset: this.draw };
  },

  // Ask for a drawing in the next frame; many askings make one drawing.
  later() {
    if (!this.pending && this._map) this.pending = requestAnimationFrame(() => this.draw());
  },

  draw() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    const map = this._map;
    if (!map) return;
    const begun = performance.now();
    const size = map.getSize();
    const ratio = Math.max(window.devicePixelRatio || 1, this.sharp);
    const [width, height] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    this.bounds = map.getBounds();
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const frame = this.frame(ratio);
    for (const paint of this.painters) paint(context, frame);
    this.lastMs = performance.now() - begun;
  },

  // How world coordinates lie on the canvas now, and which part of the world is seen.
  frame(ratio = 1) {
    const map = this._map;
    const scale = 2 ** (map.getZoom() - ZOOM);
    const at = map.latLngToContainerPoint(this.ground.middle);
    const size = map.getSize();
    const view = [-at.x / scale, -at.y / scale, (size.x - at.x) / scale, (size.y - at.y) / scale];
    return {
      scale,
      view,
      zoom: map.getZoom(),
      // Draw in world coordinates; widths are given in screen pixels by dividing by `scale`.
      world: (context) => context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * at.x, ratio * at.y),
      screen: (context) => context.setTransform(ratio, 0, 0, ratio, 0, 0),
      toScreen: (x, y) => [x * scale + at.x, y * scale + at.y],
    };
  },

  // World coordinates of a place on the map.
  worldOf(latlng) {
    return this.ground.point(latlng.lng, latlng.lat);
  },

  _follow(event) {
    const scale = this._map.getZoomScale(event.zoom);
    const offset = this._map._latLngBoundsToNewLayerBounds(this.bounds, event.zoom, event.center).min;
    L.DomUtil.setTransform(this.canvas, offset, scale);
  },
});
