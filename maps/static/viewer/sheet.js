// A canvas over the map: painters draw on it, lowest first, whenever the map moves or they are told to.

import { ZOOM } from "./shapes.js";

const RIM = 0.2; // of the map's width and height, drawn beyond each of its edges

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
    return { move: this._moved, moveend: this._rested, resize: this.draw, zoomanim: this._follow, zoomend: this.draw, viewreset: this.draw };
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
    const rim = this.sharp > 1 ? L.point(0, 0) : size.multiplyBy(RIM).round();
    const whole = size.add(rim.multiplyBy(2));
    const [width, height] = [Math.round(whole.x * ratio), Math.round(whole.y * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${whole.x}px`, height: `${whole.y}px` });
    }
    this.drawn = { zoom: map.getZoom(), rim, bounds: L.latLngBounds(map.containerPointToLatLng(rim.multiplyBy(-1)), map.containerPointToLatLng(size.add(rim))) };
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint(rim.multiplyBy(-1)));
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const frame = this.frame(ratio, rim);
    for (const paint of this.painters) paint(context, frame);
    this.lastMs = performance.now() - begun;
  },

  // How world coordinates lie on the map, or on a canvas with a rim around it, and which part of the world is seen.
  frame(ratio = 1, rim = L.point(0, 0)) {
    const map = this._map;
    const scale = 2 ** (map.getZoom() - ZOOM);
    const at = map.latLngToContainerPoint(this.ground.middle).add(rim);
    const size = map.getSize().add(rim.multiplyBy(2));
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

  // While the map is moved the canvas moves with it; it is drawn again when the map's edge comes to the canvas's.
  _moved() {
    if (this._map.getZoom() !== this.drawn.zoom || this._room() < 0) this.draw();
  },

  _rested() {
    if (this._room() < Math.min(this.drawn.rim.x, this.drawn.rim.y) / 2) this.later();
  },

  // Pixels that the canvas reaches beyond the map on the side where it reaches least.
  _room() {
    const { x, y } = this._map.layerPointToContainerPoint(L.DomUtil.getPosition(this.canvas));
    const { rim } = this.drawn;
    return Math.min(-x, -y, 2 * rim.x + x, 2 * rim.y + y);
  },

  // World coordinates of a place on the map.
  worldOf(latlng) {
    return this.ground.point(latlng.lng, latlng.lat);
  },

  _follow(event) {
    const scale = this._map.getZoomScale(event.zoom);
    const offset = this._map._latLngBoundsToNewLayerBounds(this.drawn.bounds, event.zoom, event.center).min;
    L.DomUtil.setTransform(this.canvas, offset, scale);
  },
});
