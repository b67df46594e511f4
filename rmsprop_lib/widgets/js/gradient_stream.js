/** GradientStream: a gradient to edit step by step, and √v, effective rate and update that follow. See ../gradient_stream.py. */

import { MARGIN } from "./axes.js";
import { added, filled, stale } from "./added.js";
import { createChart, vertical } from "./chart.js";
import { h, set } from "./dom.js";
import { nice, short, signed } from "./format.js";
import { figure } from "./frame.js";
import { createHandle } from "./handle.js";
import { marker } from "./marks.js";
import { coloured, shape } from "./paint.js";
import { player } from "./player.js";
import { edited, LARGEST, parse, respond, stream } from "./streams.js";
import { INK } from "./tokens.js";

const OTHERS = [null, "adagrad", "sign"];
const HEIGHTS = [150, 96, 96, 122]; // of the panels; the last has the numbers of the common axis

function initialize({ model }) {
  model.on("change:kind", () => {
    model.set("edits", "");
    model.save_changes();
  });
}

function create({ model, change, signal }) {
  const charts = HEIGHTS.map(() => createChart());
  const [given, roots, rates, updates] = charts;
  let last; // of a drag: a fast pointer skips steps
  const { element: handle, hint } = createHandle("gradient at one step; left and right choose the step, up and down change the gradient", signal, {
    drag(event, first) {
      const [t, g] = given.at(event);
      last = write(hold(t), g, first ? undefined : last);
    },
    step(dt, dg) {
      const at = hold(model.get("at"));
      if (dt) change({ at: hold(at + dt) });
      else write(at, gradients()[at - 1] + 0.1 * dg);
    },
  });
  set(handle, { "aria-valuemin": -LARGEST, "aria-valuemax": LARGEST });
  set(hint, { x: 13, y: 16 });
  given.over.append(handle);
  for (const chart of charts) chart.svg.addEventListener("click", (event) => change({ at: hold(chart.at(event)[0]) }), { signal });

  const steps = () => model.get("steps");
  const hold = (t) => Math.max(1, Math.min(steps(), Math.round(t)));
  const gradients = () => edited(stream(model.get("kind"), steps(), model.get("seed")), model.get("edits"));

  /** Set the gradient of a step, and of those on the way from another one, and look at it. */
  function write(t, g, from = { t, g }) {
    const edits = new Map(parse(model.get("edits")));
    const count = Math.abs(t - from.t);
    for (let i = 0; i <= count; i++) {
      const part = count ? i / count : 1;
      const value = from.g + part * (g - from.g);
      edits.set(Math.round(from.t + part * (t - from.t)), +Math.max(-LARGEST, Math.min(LARGEST, value)).toFixed(2));
    }
    change({ at: t, edits: [...edits].map((pair) => pair.join("~")).join("|") });
    return { t, g };
  }

  function draw({ width }) {
    const [T, tokens] = [steps(), model.get("tokens")];
    const g = gradients();
    const at = hold(model.get("at"));
    const hyper = { lr: model.get("lr"), beta: 1 - 1 / model.get("memory"), eps: model.get("eps") };
    const methods = ["rmsprop", OTHERS[model.get("other")]].filter(Boolean);
    const series = methods.map((name) => ({ name, token: tokens[name], label: tokens[name].label, ...respond(name, g, hyper) }));
    for (const one of added(model)) series.push({ ...one, ...Object.fromEntries(["root", "rate", "update"].map((key) => [key, filled(one[key])])) });
    const all = (key) => series.flatMap((one) => one[key]).filter(Number.isFinite);
    const rate = all("rate").map(Math.log10);
    const [low, high] = rate.length ? [Math.floor(Math.min(...rate)), Math.ceil(Math.max(...rate))] : [-3, 0];
    const largest = nice(Math.max(...all("update").map(Math.abs), 1e-300));
    const lowest = Math.min(...all("update")) < 0 ? -largest : -0.1 * largest;
    const y = [
      { range: [-3.4, 3.4], name: "gradient g" },
      { range: [0, 3.4], name: "√v and |g|" },
      { range: [low, Math.max(high, low + 2)], name: "effective rate α/√(v + ε)", log: true, grid: true },
      { range: [1.15 * lowest, 1.15 * largest], name: "update α g/√(v + ε)" },
    ];
    charts.forEach((chart, i) => {
      const last = i === charts.length - 1;
      chart.prepare({ width, height: HEIGHTS[i], bottom: last ? MARGIN.bottom : 6 },
        { range: [0, T + 1], name: "step t", bare: !last }, y[i]);
    });
    const ts = g.map((_, i) => i + 1);
    const lines = (key) => series.map(({ token, dim, [key]: ys }) => ({ token, dim, xs: ts, ys, every: 15 }));
    given.draw([], { behind: [zero(given), vertical(given, at), stems(given, g)] });
    roots.draw(lines("root"), { behind: [vertical(roots, at), stems(roots, g.map(Math.abs))] });
    rates.draw(lines("rate"), { behind: [vertical(rates, at)] });
    updates.draw(lines("update"), { behind: [zero(updates), vertical(updates, at)] });
    const value = g[at - 1];
    set(handle, { transform: `translate(${given.x(at)} ${given.y(value)})`,
      "aria-valuenow": value, "aria-valuetext": `step ${at}, gradient ${value.toFixed(2)}` });
    hint.textContent = model.get("edits") ? "" : "drag me";
    for (const one of series) one.value = one.name === "rmsprop" ? memoryOf(hyper.beta) : "";
    return { series, say: () => sentence(series, g, at) };
  }

  const panels = [h("div", { className: "rms-stack" }, ...charts.map(({ element }) => element))];
  const play = player({ last: steps, now: () => hold(model.get("at")), go: (t) => change({ at: hold(t) }) });
  return { panels, draw, play };
}

const zero = (chart) => shape("grid", `M0 ${chart.y(0)}H${chart.size.width}`);

/** A vertical line with a dot for every gradient. */
function stems(chart, ys) {
  const d = ys.map((y, i) => `M${chart.x(i + 1).toFixed(1)} ${chart.y(0)}V${chart.y(y).toFixed(1)}`).join("");
  const dots = ys.map((y, i) => marker("o", chart.x(i + 1), chart.y(y), 1.6)).join("");
  return coloured(INK, {}, shape("thin", d), shape("dots", dots));
}

const memoryOf = (beta) => `β = ${beta.toFixed(4).replace(/0$/, "")}, half-life ${beta > 0 ? short(Math.log(0.5) / Math.log(beta)) : "0"} steps`;

function sentence(series, g, at) {
  const facts = series.map(({ label, root, rate, update, name }) => {
    const what = name === "sign" || Number.isNaN(root[at - 1]) ? "" : `${name === "adagrad" ? "√s" : "√v"} = ${short(root[at - 1])}, `;
    const how = Number.isNaN(rate[at - 1]) ? "" : `effective rate ${short(rate[at - 1])} and `;
    return `${label} has ${what}${how}update ${Number.isNaN(update[at - 1]) ? "not finite" : signed(update[at - 1])}`;
  });
  return `At step ${at} the gradient is ${signed(g[at - 1])}: ${facts.join("; ")}.${stale(series)}`;
}

export default figure(create, initialize);
