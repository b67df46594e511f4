/** PathExplorer: paths of several optimizers on one problem, and their losses. The Python side is ../path_explorer.py. */

import { added } from "./added.js";
import { createChart, vertical } from "./chart.js";
import { short } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { createPlane } from "./plane.js";
import { player } from "./player.js";
import { makeProblem } from "./problems.js";
import { adagrad, adam, gd, momentum, rmsprop } from "./rules.js";
import { run } from "./run.js";
import { sentence } from "./sentence.js";

const RULES = { gd, momentum, adagrad, rmsprop, adam };
const HYPER = ["mu", "beta", "beta1", "beta2", "eps"];
const SPAN = 8; // decades of loss shown below the first one, whatever the sliders say

/** Another problem brings its own start and learning rates. */
function initialize({ model }) {
  model.on("change:problem", () => {
    model.set(model.get("problems")[model.get("problem")].defaults);
    model.save_changes();
  });
}

function create({ model, change, signal }) {
  const plane = createPlane((start) => change({ start }), signal);
  const curves = createChart();
  const problems = model.get("problems").map(makeProblem);
  curves.svg.setAttribute("aria-hidden", "true");

  function draw({ width, dark, t }) {
    const [start, steps] = [model.get("start"), model.get("steps")];
    const spec = model.get("problems")[model.get("problem")];
    const problem = problems[model.get("problem")];
    const series = compute(model, problem, start, steps);
    const [left, right] = twoPanels(width);
    plane.prepare(spec, problem, left, dark);
    const shown = t ?? steps;
    plane.draw(spec, series, start, steps, t).forEach((step, i) => {
      const { loss } = series[i].path;
      const left = step !== null && step <= shown ? step : null;
      const now = loss[Math.min(shown, loss.length - 1)];
      Object.assign(series[i], { left, now, value: left === null ? `f = ${short(now)}` : `left at step ${step}` });
    });
    const first = problem.f(...start);
    const high = Math.ceil(Math.log10(first > 0 ? 1.5 * first : 1));
    curves.prepare(right, { range: [0, steps], name: "step t" }, { range: [high - SPAN, high], name: "loss", log: true, grid: true });
    curves.draw(series.map(({ token, dim, path }) => ({ token, dim, xs: path.loss.map((_, t) => t), ys: path.loss })),
      { behind: t === undefined ? [] : [vertical(curves, t)] });
    return { series, say: () => sentence(series, shown, t === undefined ? "ends" : "is") };
  }

  function restore() {
    const { problem, ...defaults } = model.get("defaults"); // the problem stays
    return { ...defaults, ...model.get("problems")[model.get("problem")].defaults };
  }

  return { panels: [plane.element, curves.element], draw, restore, play: player({ last: () => model.get("steps") }) };
}

/** The rules of this page, run now, and those of a reader, run in Python when they were last sent. */
function compute(model, problem, start, steps) {
  const hyper = Object.fromEntries(HYPER.map((name) => [name, model.get(name)]));
  const own = model.get("optimizers").map((name) => {
    const token = model.get("tokens")[name];
    const path = run(RULES[name], problem, start, steps, { ...hyper, lr: model.get("lr_" + name) });
    return { token, label: token.label, path, dim: false };
  });
  return [...own, ...added(model).map(({ label, token, dim, ...path }) => ({ token, label, path, dim }))];
}

export default figure(create, initialize);
