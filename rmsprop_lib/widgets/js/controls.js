/** The stock controls of ipywidgets as native HTML, so that keys, touch and screen readers work as everywhere else. */

import { h } from "./dom.js";
import { byFormat } from "./format.js";

let count = 0;
const newId = () => "rms-control-" + ++count;

/** Label and control in one row; the label is left out when there is no description, and names the control otherwise. */
function row(model, control, ...more) {
  const text = model.get("description");
  control.id = newId();
  const tooltip = model.get("tooltip");
  if (tooltip) control.title = tooltip;
  return h("div", { className: "rms-row" }, ...(text ? [h("label", { htmlFor: control.id }, text)] : []), control, ...more);
}

function whenDisabled(model, ...controls) {
  const update = () => controls.forEach((control) => (control.disabled = Boolean(model.get("disabled"))));
  model.on("change:disabled", update);
  update();
}

/** A slider of numbers: toRange and toValue lead from its value to the place of the knob and back. */
const numbers = (toRange, toValue) => ({
  trait: "value", toRange, toValue,
  ends: (model) => ["min", "max", "step"].map((end) => model.get(end)),
  text: (model) => byFormat(model.get("value"), model.get("readout_format")),
  typed: (text, model) => toRange(Number(text.replace(",", ".") || NaN), model),
});

const SLIDERS = {
  FloatSliderModel: numbers((v) => v, (x) => x),
  IntSliderModel: numbers((v) => v, Math.round),
  FloatLogSliderModel: numbers((v, model) => Math.log(v) / Math.log(model.get("base")), (x, model) => model.get("base") ** x),
  SelectionSliderModel: { // stops at the values of a list
    trait: "index", toRange: (v) => v, toValue: (x) => x,
    ends: (model) => [0, model.get("_options_labels").length - 1, 1],
    text: (model) => model.get("_options_labels")[model.get("index")],
    typed(text, model) {
      const labels = model.get("_options_labels");
      if (labels.includes(text)) return labels.indexOf(text);
      const far = labels.map((label) => Math.abs(Number(label) - Number(text.replace(",", ".") || NaN)));
      return far.some(Number.isNaN) ? NaN : far.indexOf(Math.min(...far));
    },
  },
};

const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/** A slider of very many steps would crawl: its arrow keys take ten, and with Shift one. */
function quickArrows(range, many = 200) {
  range.addEventListener("keydown", (event) => {
    const times = ARROWS[event.key] * (event.shiftKey ? 1 : 10);
    if (!times || (range.max - range.min) / range.step < many) return;
    event.preventDefault();
    range.value = +range.value + times * range.step;
    for (const type of ["input", "change"]) range.dispatchEvent(new Event(type));
  });
}

function slider(model) {
  const { trait, toRange, toValue, ends, text, typed } = SLIDERS[model.name];
  const name = model.get("description");
  const range = h("input", { type: "range" });
  const readout = h("input", { type: "text", inputMode: "decimal", className: "rms-readout", "aria-label": name + ", value" });
  const show = () => {
    [range.min, range.max, range.step] = ends(model);
    range.value = toRange(model.get(trait), model);
    range.setAttribute("aria-valuetext", text(model));
    if (document.activeElement !== readout) readout.value = text(model);
  };
  const event = model.get("continuous_update") === false ? "change" : "input";
  range.addEventListener(event, () => model.set(trait, toValue(+range.value, model)));
  readout.addEventListener("change", () => {
    const place = typed(readout.value.trim(), model);
    readout.blur(); // before `show`, which leaves a focused readout alone
    const [low, high] = ends(model);
    if (!Number.isNaN(place)) model.set(trait, toValue(Math.min(high, Math.max(low, place)), model));
    show();
  });
  quickArrows(range);
  model.on("change", show);
  show();
  whenDisabled(model, range, readout);
  return row(model, range, ...(model.get("readout") === false ? [] : [readout]));
}

function checkbox(model) {
  const box = h("input", { type: "checkbox" });
  const show = () => (box.checked = model.get("value"));
  box.addEventListener("change", () => model.set("value", box.checked));
  model.on("change:value", show);
  show();
  whenDisabled(model, box);
  return h("label", { className: "rms-row rms-check" }, box, model.get("description"));
}

function dropdown(model) {
  const select = h("select", {}, ...model.get("_options_labels").map((label) => h("option", {}, label)));
  const show = () => (select.selectedIndex = model.get("index") ?? -1);
  select.addEventListener("change", () => model.set("index", select.selectedIndex));
  model.on("change:index", show);
  show();
  whenDisabled(model, select);
  return row(model, select);
}

function toggleButtons(model) {
  const name = newId();
  const choices = model.get("_options_labels").map((label, index) => {
    const radio = h("input", { type: "radio", name });
    radio.addEventListener("change", () => model.set("index", index));
    return h("label", { className: "rms-toggle" }, radio, h("span", {}, label));
  });
  const radios = choices.map((choice) => choice.firstChild);
  const show = () => radios.forEach((radio, index) => (radio.checked = index === model.get("index")));
  model.on("change:index", show);
  show();
  whenDisabled(model, ...radios);
  const legend = model.get("description");
  return h("fieldset", { className: "rms-row rms-toggles" }, ...(legend ? [h("legend", {}, legend)] : []), ...choices);
}

/** Label shows text, HTML shows markup. The state is written by this book, so the markup is trusted. */
function text(property) {
  return (model) => {
    const element = h("div", { className: "rms-text" });
    const show = () => (element[property] = model.get("value"));
    model.on("change:value", show);
    show();
    return element;
  };
}

export const CONTROLS = {
  FloatSliderModel: slider,
  FloatLogSliderModel: slider,
  IntSliderModel: slider,
  SelectionSliderModel: slider,
  CheckboxModel: checkbox,
  DropdownModel: dropdown,
  ToggleButtonsModel: toggleButtons,
  LabelModel: text("textContent"),
  HTMLModel: text("innerHTML"),
};
