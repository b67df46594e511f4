/**
 * Brings the figures of a built page to life: draws the saved ipywidgets state with native controls, follows its links, and
 * runs the anywidget modules in it. No kernel, no server, no other host; works from file:// (hence the Blob import).
 *
 * What it draws is listed in ../supported.json; the book build stops at a widget that is not in that list.
 */

import { follow, nameInAddress, snippet } from "./address.js";
import { CONTROLS } from "./controls.js";
import { h } from "./dom.js";
import css from "./host.css";
import { Model } from "./model.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
const BOXES = { BoxModel: "rms-hbox", HBoxModel: "rms-hbox", VBoxModel: "rms-vbox" };
const LAYOUT = ["width", "min_width", "max_width", "margin", "flex", "display", "visibility"];

class Page {
  constructor(root) {
    this.models = new Map();
    for (const script of root.querySelectorAll(STATE)) {
      const { state, texts } = JSON.parse(script.textContent);
      for (const [id, saved] of Object.entries(state)) {
        for (const name of ["_esm", "_css"]) saved.state[name] = texts?.[saved.state[name]] ?? saved.state[name]; // stored once
        this.models.set(id, new Model(id, saved));
      }
    }
    for (const model of this.models.values()) {
      if (model.name === "LinkModel" || model.name === "DirectionalLinkModel") this.#link(model);
    }
  }

  /** "IPY_MODEL_<id>" is how ipywidgets writes a reference to another model. */
  #find(reference) {
    return this.models.get(reference.replace("IPY_MODEL_", ""));
  }

  #link(model) {
    const [[source, from], [target, to]] = ["source", "target"].map((end) => {
      const [reference, trait] = model.get(end);
      return [this.#find(reference), trait];
    });
    const forward = () => target.set(to, source.get(from));
    (target.controls ??= {})[to] = source;
    source.on("change:" + from, forward);
    forward();
    if (model.name === "LinkModel") target.on("change:" + to, () => source.set(from, target.get(to)));
  }

  /** The canvas of a figure: a model with settings, as it is or in a box. */
  canvasOf(id) {
    const model = this.#find(id);
    if (model.get("settings")) return model;
    return (model.get("children") ?? []).map((child) => this.canvasOf(child)).find(Boolean);
  }

  async draw(id) {
    const model = this.#find(id);
    const element = await this.#element(model);
    const layout = model.get("layout") && this.#find(model.get("layout"));
    for (const name of LAYOUT) {
      const value = layout?.get(name);
      if (value) element.style.setProperty(name.replace("_", "-"), value);
    }
    return element;
  }

  async #element(model) {
    if (model.name in CONTROLS) return CONTROLS[model.name](model);
    if (model.name in BOXES) {
      const children = await Promise.all(model.get("children").map((child) => this.draw(child)));
      return h("div", { className: BOXES[model.name] }, ...children);
    }
    if (model.module === "anywidget") return this.#anywidget(model);
    throw new Error(`the static page cannot draw a ${model.name}; see supported.json`);
  }

  async #anywidget(model) {
    model.ready ??= load(model);
    const module = await model.ready;
    const style = model.get("_css");
    const place = h("div");
    module.render({ model, el: place }); // not in the page yet: a figure learns its size from a ResizeObserver
    return h("div", { className: "rms-any" }, ...(style ? [h("style", {}, style)] : []), place);
  }
}

async function load(model) {
  const url = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
  const module = await import(url);
  URL.revokeObjectURL(url);
  const widget = typeof module.default === "function" ? await module.default() : module.default;
  await widget.initialize?.({ model });
  return widget;
}

/** Make the labels in a box equally wide, so that its sliders stand in line. */
function align(place) {
  for (const box of place.querySelectorAll(".rms-hbox, .rms-vbox")) {
    const labels = [...box.querySelectorAll(":scope > .rms-row > label:not(.rms-check)")];
    const widest = Math.max(0, ...labels.map((label) => label.getBoundingClientRect().width));
    box.style.setProperty("--rms-label", `${Math.ceil(widest)}px`);
  }
}

/** The element prepared by the book for this view, or a new one in front of the script. */
function placeFor(script, id) {
  const place = document.querySelector(`.rms-figure[data-model-id="${id}"]:not([data-state])`);
  if (place) return place;
  const fresh = h("div", { className: "rms-figure" });
  script.before(fresh);
  return fresh;
}

async function mount(root = document) {
  document.head.append(h("style", {}, css));
  const page = new Page(root);
  const figures = new Map(); // by their names in addresses
  for (const code of root.querySelectorAll(".rms-embed")) code.textContent = snippet(code.textContent);
  for (const script of root.querySelectorAll(VIEW)) {
    const { model_id: id } = JSON.parse(script.textContent);
    if (!page.models.has(id)) continue;
    const place = placeFor(script, id);
    try {
      const element = await page.draw(id);
      const stage = h("div", { className: "rms-stage" }, element);
      place.append(stage); // where it has its width, but is not seen
      const canvas = page.canvasOf(id);
      if (canvas) nameInAddress(place, canvas, figures);
      align(place);
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame); // it draws, and says what it drew
      place.replaceChildren(element); // as a whole, so that nothing moves
      place.dataset.state = "live";
    } catch (error) {
      place.dataset.state = "failed"; // the static picture stays
      console.error(error);
    }
    await new Promise((resolve) => setTimeout(resolve)); // let the page paint between two figures
  }
  follow(figures);
  addEventListener("hashchange", () => follow(figures));
}

mount();
