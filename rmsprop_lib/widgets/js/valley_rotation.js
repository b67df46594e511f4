/** ValleyRotation: a valley to turn, the paths in it, and the steps each method needs at every angle. See ../valley_rotation.py. */

import { added, stale } from "./added.js";
import { createChart, vertical } from "./chart.js";
import { short } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { createPlane } from "./plane.js";
import { quadratic } from "./problems.js";
import { run } from "./run.js";
import { ANGLES, curve, hessian, LIMIT, METHODS, rateOf, stepsTo, turned } from "./valley.js";

const SHOWN = 300; // steps of a path

function create({ model, change, signal }) {
  const plane = createPlane((point) => {
    change({ start: turned(point, -model.get("angle")).map((x) => +x.toFixed(3)) });
  }, signal);
  const chart = createChart();
  let known = {}; // curves by their settings: turning the valley needs no new ones

  function curves(condition, hyper) {
    const key = JSON.stringify([condition, hyper]);
    if (known.key !== key) known = { key, values: Object.keys(METHODS).map((method) => curve(method, condition, hyper)) };
    return known.values;
  }

  function draw({ width, dark }) {
    const [angle, condition] = [model.get("angle"), model.get("condition")];
    const hyper = { lr: model.get("lr"), beta: model.get("beta"), eps: model.get("eps") };
    const H = hessian(condition, angle);
    const spec = { name: `${condition},${angle}`, bounds: [[-4.6, 4.6], [-3, 3]], minima: [[0, 0]] };
    spec.start = turned(model.get("defaults").start, angle);
    const start = turned(model.get("start"), angle);
    const problem = quadratic(H);
    const all = curves(condition, hyper);
    const series = Object.keys(METHODS).map((method, i) => {
      const numbers = { ...hyper, lr: rateOf(method, condition, hyper.lr) };
      const steps = stepsTo(method, H, start, numbers);
      const token = model.get("tokens")[method];
      return { token, label: token.label, path: run(METHODS[method], problem, start, Math.min(steps, SHOWN), numbers), steps, value: count(steps), curve: all[i] };
    });
    for (const { label, token, dim, steps, curve, ...path } of added(model)) series.push({ label, token, dim, steps, curve, path, value: count(steps) });
    const [left, right] = twoPanels(width);
    plane.prepare(spec, problem, left, dark);
    plane.draw(spec, series, start, Math.max(...series.map(({ path }) => path.x.length)));
    chart.prepare(right, { range: [0, 90], name: "angle" }, { range: [0, 3.1], name: "steps to f₀/10⁴", log: true, grid: true });
    chart.draw(series.map(({ token, curve, dim }) => ({ token, dim, xs: ANGLES, ys: curve, every: 6 })), { behind: [vertical(chart, angle)] });
    return { series, say: () => sentence(series, angle, condition) };
  }

  return { panels: [plane.element, chart.element], draw };
}

const count = (steps) => (steps > LIMIT ? `over ${LIMIT} steps` : `${steps} ${steps === 1 ? "step" : "steps"}`);

function sentence(series, angle, condition) {
  const [gd, rmsprop, ...own] = series;
  const [low, high] = [Math.min(...rmsprop.curve), Math.max(...rmsprop.curve)];
  return `The valley is turned by ${angle}° and ${short(condition)} times as steep across as along. To lower f by a factor of 10⁴ from this start, `
    + `gradient descent at its best rate needs ${count(gd.steps)}, RMSProp ${count(rmsprop.steps)}${own.map(({ label, steps }) => `, ${label} ${count(steps)}`).join("")}. `
    + `From random starts RMSProp needs ${low > LIMIT ? "" : `${low} to `}${count(high)}, depending on the angle; gradient descent ${count(gd.curve[0])} at every angle.${stale(series)}`;
}

export default figure(create);
