/** SpectrumFigure: a number for each eigenvalue, lag or layer, from a table over settings. See ../spectrum.py. */

import { createChart } from "./chart.js";
import { short } from "./format.js";
import { figure, onePanel } from "./frame.js";
import { stems } from "./stems.js";
import { cellOf, createTable, rowOf } from "./table.js";
import { fine, named } from "./ticks.js";

const fineIf = ({ log }) => (log ? fine : {});

function create({ model }) {
  const chart = createChart();
  const table = createTable(model);
  const [x, xaxis, yaxis] = ["x", "xaxis", "yaxis"].map((name) => model.get(name));
  const words = typeof x[0] === "string";
  const xs = words ? x.map((_, i) => i) : x;

  function draw({ width }) {
    const places = table.places();
    const series = table.series.map((one) => {
      const ys = rowOf(one.numbers, cellOf(one, places), x.length);
      return { ...one, xs, ys, value: spread(ys) };
    });
    chart.prepare(onePanel(width), { ...xaxis, ...(words ? named(x) : fineIf(xaxis)) }, { ...yaxis, ...fineIf(yaxis) });
    chart.draw([], { behind: stems(chart, series, yaxis.log ? chart.size.height : chart.y(0)) });
    const where = table.words(places.map((place, axis) => [axis, place]));
    return { series, say: () => `At ${where}: ${series.map(({ label, ys }) => `${label} ${said(ys, x, xaxis.name)}`).join("; ")}.` };
  }

  return { panels: [chart.element], draw };
}

/** How unequal the numbers are. */
function spread(ys) {
  const sizes = ys.map(Math.abs).filter((y) => y > 0 && Number.isFinite(y));
  return sizes.length > 1 ? `${short(Math.max(...sizes) / Math.min(...sizes))}× apart` : "";
}

/** From where to where the numbers go. */
function said(ys, x, name) {
  const good = ys.map((y, i) => (Number.isFinite(y) ? i : -1)).filter((i) => i >= 0);
  if (!good.length) return "is not finite anywhere";
  const fact = (i) => `${short(ys[i])} at ${name} ${typeof x[i] === "string" ? x[i] : short(x[i])}`.replace("  ", " ");
  const gone = good.length < ys.length ? `, ${ys.length - good.length} of ${ys.length} not finite` : "";
  return `is ${fact(good[0])} and ${fact(good.at(-1))}${gone}`;
}

export default figure(create);
