/** RecordedRun: loss curves of real runs over a grid of settings, the chosen one before the best. See ../recorded_run.py. */

import { createChart, vertical } from "./chart.js";
import { short } from "./format.js";
import { figure, onePanel } from "./frame.js";
import { polyline } from "./marks.js";
import { coloured, shape } from "./paint.js";
import { player } from "./player.js";
import { cellOf, createTable, placesOf, rowOf } from "./table.js";
import { fine } from "./ticks.js";

function create({ model }) {
  const chart = createChart();
  const table = createTable(model);
  const [steps, yaxis] = [model.get("t"), model.get("yaxis")];
  const T = steps.at(-1);

  /** Of one cell: the middle curve, and where there are seeds the lowest and the highest besides. */
  function curves({ numbers, lines }, cell) {
    const row = (i) => rowOf(numbers, cell * lines + i, steps.length);
    return lines === 1 ? { middle: row(0) } : { low: row(0), middle: row(1), high: row(2) };
  }

  function draw({ width, t }) {
    const places = table.places();
    const at = t === undefined ? steps.length - 1 : steps.findLastIndex((step) => step <= t);
    const series = table.series.map((one) => {
      const cell = cellOf(one, places);
      const run = curves(one, cell);
      const gone = (run.high ?? run.middle).findIndex((y) => !Number.isFinite(y));
      return { ...one, cell, run, gone, xs: steps, ys: run.middle, every: 40, value: lossOf(run.middle[at]) };
    });
    chart.prepare(onePanel(width), { range: [0, T], name: "step t" }, yaxis.log ? { ...yaxis, ...fine } : yaxis);
    const behind = series.flatMap(({ token, run, cell, best, gone, ...one }) => [
      ...(cell === best ? [] : [pale(token, curves(one, best).middle)]),
      ...(run.low ? [coloured(token, {}, shape("area", band(run)))] : []),
      ...(gone < 0 ? [] : [coloured(token, {}, shape("exit", `M${chart.x(steps[gone]) - 6} 2l12 12m0 -12l-12 12`))]),
    ]);
    chart.draw(series, { behind, before: t === undefined ? [] : [vertical(chart, steps[at])] });
    return { series, say: () => series.map((one) => sentence(one, at)).join(" ") };
  }

  const pale = (token, ys) => coloured(token, {}, shape("pale", polyline(steps.map(chart.x), ys.map(chart.y))));

  function band({ low, high }) {
    const there = polyline(steps.map(chart.x), low.map(chart.y));
    return `${there}${polyline(steps.map(chart.x).reverse(), high.map(chart.y).reverse()).replace("M", "L")}Z`;
  }

  function sentence(one, at) {
    const { label, run, cell, best, gone, seeds, lost } = one;
    const when = at === steps.length - 1 ? "the last loss" : `the loss after step ${steps[at]}`;
    const range = run.low && Number.isFinite(run.high[at]) ? ` (${short(run.low[at])} to ${short(run.high[at])} over ${seeds} seeds)` : "";
    const facts = [`${label[0].toUpperCase()}${label.slice(1)} at ${table.words(placesOf(one, cell))}: ${when} is ${lossOf(run.middle[at])}${range}.`];
    if (gone >= 0) facts.push(`${seeds > 1 ? `${lost[cell]} of ${seeds} runs are` : "It is"} not finite by step ${steps[gone]}.`);
    facts.push(cell === best ? "No setting of the grid ends lower." : `The best of the grid, drawn pale, ends at ${lossOf(curves(one, best).middle.at(-1))} with ${table.words(placesOf(one, best))}.`);
    return facts.join(" ");
  }

  return { panels: [chart.element], draw, play: player({ last: () => T }) };
}

const lossOf = (loss) => (Number.isFinite(loss) ? short(loss) : "not finite");

export default figure(create);
