/** The left panel: contours of the problem, the paths, and the start that can be dragged. */

import { inner } from "./axes.js";
import { createChart } from "./chart.js";
import { drawContour } from "./contour.js";
import { h, s, set } from "./dom.js";
import { createHandle } from "./handle.js";
import { crossing, leaves, marker, polyline } from "./marks.js";
import { coloured, dashed, shape } from "./paint.js";

/** The bounds, made larger in one direction so that one unit is equally long in both: only then do steps cross contours squarely. */
function equalUnits([[x0, x1], [y0, y1]], { width, height }) {
  const unit = Math.max((x1 - x0) / width, (y1 - y0) / height);
  const around = (a, b, pixels) => [(a + b - unit * pixels) / 2, (a + b + unit * pixels) / 2];
  return [around(x0, x1, width), around(y0, y1, height)];
}

/** onStart(point): the reader moved the start. signal: aborted when the figure goes away. */
export function createPlane(onStart, signal) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const chart = createChart(canvas);
  const exits = s("g");
  const moveTo = (event) => move(...chart.at(event));
  const { element: handle, hint } = createHandle("start of the paths; arrow keys move it", signal, {
    drag: moveTo,
    step(dx, dy) {
      const unit = (view[0][1] - view[0][0]) / 100;
      move(start[0] + dx * unit, start[1] + dy * unit);
    },
  });
  chart.over.append(exits, handle);
  chart.svg.addEventListener("click", moveTo, { signal });
  let view, start, painted;

  /** Lay out and paint the background, when anything it depends on has changed. */
  function prepare(spec, problem, panel, dark) {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const key = JSON.stringify([spec.name, spec.args, panel, dark, ratio]);
    if (key === painted) return;
    painted = key;
    const { width, height } = inner(panel);
    view = equalUnits(spec.bounds, { width, height });
    chart.prepare(panel, { range: view[0], name: "θ₁" }, { range: view[1], name: "θ₂" });
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    drawContour(canvas, problem, (column) => chart.x.invert((column + 0.5) / ratio), (row) => chart.y.invert((row + 0.5) / ratio), dark);
  }

  /** series: [{path, token, dim}]; t: the step to mark, undefined for the last; returns the step at which each path left the picture, or null. */
  function draw(spec, series, point, steps, t) {
    start = point;
    const { x, y } = chart;
    const every = Math.max(1, Math.round(steps / 40));
    const left = series.map(({ path }) => leaves(path, view));
    const minima = spec.minima.map(([a, b]) => `M${x(a) - 6} ${y(b)}h12m-6 -6v12`).join("");
    const drawn = series.map(({ path, token, dim }, i) => {
      const end = left[i] === null ? undefined : left[i] + 1; // what comes after the way out would only cross the picture
      const [px, py] = [path.x.slice(0, end).map(x), path.y.slice(0, end).map(y)];
      const now = Math.min(t ?? steps, px.length - 1);
      const shown = px.map((_, i) => i).filter((i) => (i % every === 0 || i === now) && (i || t === 0) && Number.isFinite(px[i] + py[i]));
      const dots = shown.map((i) => marker(token.marker, px[i], py[i], i === now ? 5.5 : 2.4)).join("");
      return coloured(token, { dim }, dashed(token, polyline(px, py)), shape("dots", dots));
    });
    chart.draw([], { behind: [shape("minimum", minima), ...drawn] });
    exits.replaceChildren(...series.flatMap(({ path, token }, i) => (left[i] === null ? [] : [cross(path, token, left[i])])));
    placeHandle(spec);
    return left;
  }

  /** ✕ on the border, where a path leaves the picture. */
  function cross(path, token, step) {
    const at = (i) => [path.x[i], path.y[i]];
    const [a, b] = crossing(at(step - 1), at(Math.min(step, path.x.length - 1)), view);
    return coloured(token, {}, shape("exit", `M${chart.x(a) - 6} ${chart.y(b) - 6}l12 12m0 -12l-12 12`));
  }

  function placeHandle(spec) {
    const [px, py] = [chart.x(start[0]), chart.y(start[1])];
    const moved = String(start) !== String(spec.start);
    set(handle, {
      transform: `translate(${px} ${py})`,
      "aria-valuenow": start[0],
      "aria-valuetext": `θ₁ ${start[0].toFixed(2)}, θ₂ ${start[1].toFixed(2)}`,
    });
    hint.textContent = moved ? "start" : "drag me";
    set(hint, { "text-anchor": px < 40 ? "start" : px > chart.size.width - 40 ? "end" : "middle", y: py < 30 ? 24 : -14 });
  }

  /** Keep it in the picture, and to three decimals: nobody reads more. */
  function move(a, b) {
    const keep = (v, [low, high]) => +Math.max(low, Math.min(high, v)).toFixed(3);
    onStart([keep(a, view[0]), keep(b, view[1])]);
  }

  return { element: chart.element, prepare, draw };
}
