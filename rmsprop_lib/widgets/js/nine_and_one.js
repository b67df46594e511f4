/** NineAndOne: where four methods take Hinton's weight, and the settings that send RMSProp the wrong way. See ../nine_and_one.py. */

import { added, filled, stale } from "./added.js";
import { createChart, vertical } from "./chart.js";
import { s, set } from "./dom.js";
import { nice, short, signed } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { createHandle } from "./handle.js";
import { polyline } from "./marks.js";
import { coloured, shape } from "./paint.js";
import { player } from "./player.js";
import { drift, leastBeta, threshold, walk } from "./weight.js";

const MEMORIES = Array.from({ length: 61 }, (_, i) => 10 ** (i / 20)); // 1 … 1000
const BORDER = MEMORIES.map((memory) => threshold(1 - 1 / memory, 1.1));

function create({ model, change, signal }) {
  const [path, map] = [createChart(), createChart()];
  const { element: handle, hint } = createHandle("memory and imbalance; arrow keys move them", signal, {
    drag: (event) => move(...map.at(event)),
    step: (dx, dy) => move(model.get("memory") * 10 ** (0.02 * dx), model.get("imbalance") + 0.01 * dy),
  });
  map.over.append(handle);

  function move(memory, imbalance) {
    const keep = (value, low, high) => Math.max(low, Math.min(high, value));
    change({ memory: +keep(memory, 1, 1000).toPrecision(4), imbalance: +keep(imbalance, 0, 1).toFixed(3) });
  }

  function draw({ width, t = model.get("steps") }) {
    const [imbalance, steps] = [model.get("imbalance"), model.get("steps")];
    const beta = 1 - 1 / model.get("memory");
    const hyper = { ...model.get("rprop"), lr: model.get("lr"), beta, eps: model.get("eps") };
    const tokens = model.get("tokens");
    const series = model.get("methods").map((name) => {
      const ys = walk(name, imbalance, steps, hyper);
      return { name, token: tokens[name], label: tokens[name].label, xs: ys.map((_, t) => t), ys, every: 25, value: `θ = ${signed(ys.at(t))}` };
    });
    for (const one of added(model)) {
      const ys = filled(one.ys);
      series.push({ ...one, ys, xs: ys.map((_, t) => t), every: 25, value: Number.isNaN(ys.at(t)) ? "diverges" : `θ = ${signed(ys.at(t))}` });
    }
    // The range follows the quiet ones: a method that runs away leaves the panel.
    const quiet = series.filter(({ name }) => name === "rmsprop" || name === "gd").flatMap(({ ys }) => ys.map(Math.abs));
    const largest = 1.1 * nice(Math.max(...quiet, 1e-300));
    const [wide, narrow] = twoPanels(width);
    path.prepare(wide, { range: [0, steps], name: "step t" }, { range: [-largest, largest], name: "weight θ (up is the right way)" });
    path.draw(series, { behind: [shape("grid", `M0 ${path.y(0)}H${path.size.width}`), ...(t < steps ? [vertical(path, t)] : [])] });
    map.prepare(narrow, { range: [0, 3], name: "1/(1 − β)", log: true }, { range: [0, 1], name: "imbalance δ" });
    map.draw([], { behind: region(map, tokens.region) });
    set(handle, { transform: `translate(${map.x(model.get("memory"))} ${map.y(imbalance)})`,
      "aria-valuenow": imbalance, "aria-valuetext": `β ${beta.toFixed(3)}, imbalance ${imbalance.toFixed(2)}` });
    const first = model.get("defaults");
    hint.textContent = ["memory", "imbalance"].every((name) => model.get(name) === first[name]) ? "drag me" : "";
    return { series, say: () => `${sentence(imbalance, beta)} ${ends(series, t)}${stale(series)}` };
  }

  return { panels: [path.element, map.element], draw, play: player({ last: () => model.get("steps") }) };
}

/** Below the border RMSProp goes the wrong way: hatched, and said. */
function region({ x, y, size }, token) {
  const xs = MEMORIES.map(x);
  const line = polyline(xs, BORDER.map(y));
  const hatch = [];
  xs.forEach((at, i) => i % 3 === 0 && hatch.push(`M${at} ${size.height}V${Math.max(0, y(BORDER[i]))}`));
  return [
    coloured(token, {}, shape("area", `${line}V${size.height}H0Z`), shape("thin", hatch.join("")),
      s("path", { d: line })),
    s("text", { x: 8, y: size.height - 10, class: "rms-hint" }, "wrong way"),
    s("text", { x: size.width - 8, y: 34, class: "rms-hint", "text-anchor": "end" }, "right way"),
  ];
}

function sentence(imbalance, beta) {
  const mean = 0.09 * imbalance;
  const way = drift(beta, imbalance);
  const facts = [`Nine gradients of 0.1, then one of −${short(0.9 * (1 + imbalance))}.`];
  if (mean < 1e-12) return `${facts[0]} Their mean is 0, so the weight should stay; RMSProp with β = ${beta.toFixed(3)} moves by ${signed(way)} α per step.`;
  facts.push(`Their mean is ${signed(-mean)}, so the weight should rise.`);
  if (way > 0) facts.push(`RMSProp with β = ${beta.toFixed(3)} goes the right way, by ${signed(way)} α per step.`);
  else facts.push(`RMSProp with β = ${beta.toFixed(3)} goes the wrong way, by ${signed(way)} α per step; here it takes β above ${leastBeta(imbalance).toFixed(3)}.`);
  return facts.join(" ");
}

const ends = (series, t) => `After ${t} ${t === 1 ? "step" : "steps"} θ is ${series.map(({ label, ys }) => `${Number.isNaN(ys.at(t)) ? "not finite" : signed(ys.at(t))} with ${label}`).join(", ")}.`;

export default figure(create);
