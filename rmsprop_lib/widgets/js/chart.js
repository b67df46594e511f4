/** A panel with axes and lines. */

import { drawAxes, inner, MARGIN } from "./axes.js";
import { h, s, set, within } from "./dom.js";
import { number, power } from "./format.js";
import { marker, polyline } from "./marks.js";
import { coloured, dashed, shape } from "./paint.js";
import { decades, linear, ticks } from "./scales.js";

/** canvas: what is painted behind the data, if anything. */
export function createChart(canvas) {
  const inside = { transform: `translate(${MARGIN.left} ${MARGIN.top})` };
  const axes = s("g", inside);
  const lines = s("svg", { class: "rms-plot" }); // clips
  const over = s("g", inside); // does not clip
  const svg = s("svg", {}, axes, lines, over);
  const element = h("div", { className: "rms-panel" }, ...(canvas ? [canvas] : []), svg);
  const chart = { element, svg, over, prepare, draw, at };
  let prepared;

  /**
   * Lay out the panel and draw its axes, when they have changed.
   * x, y: {range, name, log, grid, bare, ticksOf, text}; the range of a logarithmic axis is in powers of ten; bare: without ticks
   * and name; ticksOf, text: see ticks.js.
   */
  function prepare(panel, x, y) {
    const key = JSON.stringify([panel, x, y]);
    if (key === prepared) return;
    prepared = key;
    const size = (chart.size = inner(panel));
    chart.x = scaleOf(x, [0, size.width]);
    chart.y = scaleOf(y, [size.height, 0]);
    set(svg, { width: panel.width, height: panel.height });
    set(lines, { x: MARGIN.left, y: MARGIN.top, ...size });
    for (const [side, pixels] of Object.entries({ ...MARGIN, ...size })) canvas?.style.setProperty(side, `${pixels}px`);
    drawAxes(axes, size, axisOf(x, [0, size.width], 5), axisOf(y, [size.height, 0], Math.max(2, Math.round(size.height / 35))));
  }

  /**
   * series: [{token, xs, ys, dim, every}]: lines in the coordinates of the axes, with a marker at every so many points, or one
   * near the end; behind, before: more SVG elements.
   */
  function draw(series, { behind = [], before = [] } = {}) {
    lines.replaceChildren(...behind, ...series.map(({ token, xs, ys, dim, every }) => {
      const [px, py] = [xs.map(chart.x), ys.map(chart.y)];
      const last = px.length - 1;
      const dots = every ? px.map((x, i) => (i % every === every >> 1 && Number.isFinite(py[i]) ? marker(token.marker, x, py[i], 4) : ""))
        : [last >= 0 && Number.isFinite(py[last]) ? marker(token.marker, px[last] - 5, py[last], 4.5) : ""];
      return coloured(token, { dim }, dashed(token, polyline(px, py)),
        shape("dots", dots.join("")));
    }), ...before);
  }

  /** The coordinates under a pointer. */
  function at(event) {
    const [x, y] = within(svg, MARGIN, event);
    return [chart.x.invert(x), chart.y.invert(y)];
  }

  return chart;
}

const scaleOf = ({ range, log }, pixels) => (log ? decades : linear)(range, pixels);

/** An axis for drawAxes: on a logarithmic one the ticks are powers of ten. */
function axisOf({ range, log, name, grid, bare, ticksOf, text = log ? power : number }, pixels, count) {
  const marks = bare ? [] : ticks(...range, count);
  const shown = ticksOf?.(range, pixels) ?? (log ? marks.filter(Number.isInteger) : marks);
  return { scale: linear(range, pixels), ticks: shown, text, name: bare ? "" : name, grid };
}

/** A dotted line across a panel, at the setting that the sentence speaks of. */
export const vertical = (chart, x) => shape("now", `M${chart.x(x)} 0V${chart.size.height}`);
