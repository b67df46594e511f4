/** SweepMap: the last loss over a grid of two hyper-parameters, and the run of one cell beside the best. See ../sweep_map.py. */

import { createChart } from "./chart.js";
import { h, set } from "./dom.js";
import { number, short } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { createHandle } from "./handle.js";
import { curveOf, lowest, nearest } from "./heat.js";
import { shape } from "./paint.js";
import { named } from "./ticks.js";
import { INK } from "./tokens.js";

// From low to high loss; lightness alone tells them apart. The same in light and dark: the ends differ from both papers.
const LOW = [12, 60, 110];
const HIGH = [236, 226, 200];

function create({ model, change, signal }) {
  const canvas = h("canvas", { "aria-hidden": "true", width: 1, height: 1 });
  canvas.style.imageRendering = "pixelated";
  const [map, curves] = [createChart(canvas), createChart()];
  const { x: xs, y: ys } = model.get("axes");
  const [last, packed] = [model.get("last"), model.get("curves")];
  const losses = Array.from({ length: last.byteLength / 8 }, (_, i) => last.getFloat64(8 * i, true));
  const view = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  const best = lowest(losses);
  const place = (axis, value) => nearest(axis.values, value, axis.log);
  const cell = (column, row) => column * ys.values.length + row;

  const { element: handle } = createHandle("cell of the map; arrow keys move it", signal, {
    drag: (event) => choose(...map.at(event)),
    step: (dx, dy) => choose(place(xs, model.get("x")) + Math.sign(dx), place(ys, model.get("y")) + Math.sign(dy)),
  });
  map.over.append(handle);
  map.svg.addEventListener("click", (event) => choose(...map.at(event)), { signal });

  function choose(column, row) {
    const keep = (i, axis) => axis.values[Math.max(0, Math.min(axis.values.length - 1, Math.round(i)))];
    change({ x: keep(column, xs), y: keep(row, ys) });
  }

  /** One pixel a cell; the browser makes them large. */
  function paint() {
    const finite = losses.filter((loss) => loss > 0 && Number.isFinite(loss)).map(Math.log10);
    const [low, high] = [Math.min(...finite), Math.max(Math.min(...finite) + 1e-9, Math.min(Math.max(...finite), Math.log10(model.get("first")) + 1))];
    canvas.width = xs.values.length;
    canvas.height = ys.values.length;
    const pen = canvas.getContext("2d");
    losses.forEach((loss, i) => {
      const part = loss > 0 ? Math.min(1, (Math.log10(loss) - low) / (high - low)) : 0;
      const rgb = LOW.map((l, c) => Math.round(l + part * (HIGH[c] - l)));
      pen.fillStyle = Number.isFinite(loss) ? `rgb(${rgb})` : "#8a8a8a";
      pen.fillRect(Math.floor(i / ys.values.length), ys.values.length - 1 - (i % ys.values.length), 1, 1);
    });
  }
  paint();

  function draw({ width }) {
    const [column, row] = [place(xs, model.get("x")), place(ys, model.get("y"))];
    const [left, right] = twoPanels(width);
    const axis = ({ values, name }) => ({ range: [-0.5, values.length - 0.5], name, ...named(values.map(text)) });
    map.prepare(left, axis(xs), axis(ys));
    const at = (i) => [map.x(Math.floor(i / ys.values.length)), map.y(i % ys.values.length)];
    const crosses = losses.flatMap((loss, i) => (Number.isFinite(loss) ? [] : [at(i)])).map(([x, y]) => `M${x - 3} ${y - 3}l6 6m0 -6l-6 6`);
    const [bx, by] = at(best);
    map.draw([], { behind: [shape("gone", crosses.join("")),
      shape("best", `M${bx} ${by - 8}l8 8l-8 8l-8 -8Z`)] });
    const chosen = cell(column, row);
    set(handle, { transform: `translate(${at(chosen)})`,
      "aria-valuenow": losses[chosen] ?? 0, "aria-valuetext": `${xs.name} ${text(xs.values[column])}, ${ys.name} ${text(ys.values[row])}` });
    const [low, high] = model.get("range");
    const t = model.get("t");
    curves.prepare(right, { range: [0, t.at(-1)], name: "step t" }, { range: [low, high], name: "loss", log: true, grid: true });
    const series = [["chosen", chosen, model.get("tokens").chosen], ["best on the map", best, { ...INK, dash: [5, 3] }]].map(([label, i, token]) => ({
      label, token, xs: t, ys: curveOf(view, i, t.length, [low, high]), every: 10, value: lossOf(losses[i]),
    }));
    curves.draw(series);
    const where = (c, r) => `${xs.name} = ${text(xs.values[c])}, ${ys.name} = ${text(ys.values[r])}`;
    const ratio = losses[chosen] / losses[best];
    const say = () => `At ${where(column, row)} the last loss is ${lossOf(losses[chosen])}. The lowest on the map is ${lossOf(losses[best])}, at `
      + `${where(Math.floor(best / ys.values.length), best % ys.values.length)}${ratio > 1 && Number.isFinite(ratio) ? `: ${short(ratio)} times lower` : ""}. The darker a cell, the lower its loss; ✕ marks runs that diverge.`;
    return { series, say };
  }

  return { panels: [map.element, curves.element], draw };
}

const text = (value) => number(+value.toPrecision(3));

const lossOf = (loss) => (Number.isFinite(loss) ? short(loss) : "not finite: the run diverges");

export default figure(create);
