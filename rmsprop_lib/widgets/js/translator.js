/** Translator: one framework's settings in, another's out, and the runs of both in a valley. See ../translator.py. */

import { createChart } from "./chart.js";
import { apart, descend, FACTORS, settingsOf } from "./conventions.js";
import { s } from "./dom.js";
import { power, short } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { marker } from "./marks.js";
import { coloured, shape } from "./paint.js";
import { INK } from "./tokens.js";

const NUMBERS = ["lr", "beta", "eps", "momentum"];
const OTHERS = [{ ...INK, dash: [7, 5] }, { light: "#6f7780", dark: "#9aa4ae", dash: [2, 3], marker: "s" }];

function create({ model }) {
  const [plane, distance] = [createChart(), createChart()];

  function draw({ width }) {
    const steps = model.get("steps");
    const { runs, verdict } = compute(model);
    const [left, right] = twoPanels(width);
    plane.prepare(left, { range: [-5, 1.5], name: "θ₁" }, { range: [-1.2, 1.6], name: "θ₂" });
    plane.draw(runs.map(({ token, path }, i) => ({ token, xs: path.map(([x]) => x), ys: path.map(([, y]) => y), every: i ? 12 : 8 })), { behind: valley(plane) });
    distance.prepare(right, { range: [0, steps], name: "step t" }, { range: [-10, 2], name: "distance from the first", log: true, grid: true });
    distance.draw(runs.slice(1).map(({ token, far }) => ({ token, xs: far.map((_, t) => t), ys: far, every: 12 })));
    const series = runs.map(({ label, token, o }) => ({ label, token, value: settings(o) }));
    return { series, say: () => sentence(model, verdict, runs) };
  }

  return { panels: [plane.element, distance.element], draw };
}

/** The three runs: the source, the target with its numbers translated, and with its numbers copied where that differs. */
function compute(model) {
  const [from, to] = ["source", "target"].map((name) => model.get("frameworks")[model.get(name)]);
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, model.get(name)]));
  const [moving, decaying] = [numbers.momentum > 0 ? 1 : 0, model.get("plan") > 0 ? 1 : 0];
  const verdict = model.get("verdicts")[model.get("source")][model.get("target")][2 * moving + decaying];
  const all = [[from.title, from, from.own[moving]], [to.title + ", translated", to, verdict], [to.title + ", copied", to, to.own[moving]]];
  const runs = all.map(([label, framework, data], i) => {
    const o = { ...model.get("usual"), ...settingsOf(data, numbers), decay: framework.decay };
    const path = descend(o, model.get("scale"), model.get("steps"), FACTORS[model.get("plan")]);
    return { label, token: i ? OTHERS[i - 1] : model.get("tokens").rmsprop, o, path };
  });
  const shown = JSON.stringify(runs[1].o) === JSON.stringify(runs[2].o) ? runs.slice(0, 2) : runs;
  for (const one of shown) one.far = apart(runs[0].path, one.path);
  return { runs: shown, verdict };
}

/** Level lines and the minimum. */
function valley({ x, y }) {
  const rings = [0.5, 2, 5, 10].map((level) => {
    const [rx, ry] = [Math.sqrt(2 * level), Math.sqrt(level / 10)];
    return s("ellipse", { class: "rms-level", cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) });
  });
  return [...rings, coloured(INK, {}, shape("dots", marker("+", x(0), y(0), 6)))];
}

const number = (value) => {
  const exponent = Math.log10(value);
  return value > 0 && (exponent < -3.5 || value > 1e4) && Math.abs(exponent - Math.round(exponent)) < 1e-6 ? power(Math.round(exponent)) : short(value);
};

/** The settings of a run in words, with the framework's own name of β. */
function settings(o) {
  const facts = [`${o.decay === "–" ? "β" : o.decay} = ${+o.beta.toFixed(3)}`, `ε = ${number(o.eps)} ${o.eps_inside ? "inside" : "outside"}`, `v₀ = ${o.v0}`];
  if (o.centered) facts.push("centered");
  if (o.momentum > 0) facts.push(`μ = ${+o.momentum.toFixed(2)}${o.nesterov ? " (Nesterov)" : ""}, α ${o.lr_in_momentum ? "inside" : "outside"} its buffer`);
  return facts.join(", ");
}

function sentence(model, verdict, runs) {
  const to = model.get("frameworks")[model.get("target")].title;
  const facts = runs.slice(1).map(({ far }, i) => `${far.at(-1) < 1e-12 ? "at the same place" : short(far.at(-1)) + " away"} with the numbers ${["translated", "copied"][i]}`);
  return `${verdict.exact ? "There is an exact translation" : "No exact translation"}: ${model.get("reasons")[verdict.why]}. `
    + `After ${model.get("steps")} steps ${to} is ${facts.join(", and ")}.`;
}

export default figure(create);
