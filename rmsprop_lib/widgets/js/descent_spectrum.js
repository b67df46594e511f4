/** DescentSpectrum: the error that gradient descent leaves along each eigenvector of a quadratic. See ../spectrum.py. */

import { createChart, vertical } from "./chart.js";
import { s } from "./dom.js";
import { short, signed } from "./format.js";
import { figure, onePanel } from "./frame.js";
import { polyline } from "./marks.js";
import { shape } from "./paint.js";
import { player } from "./player.js";
import { remaining } from "./remaining.js";
import { stems } from "./stems.js";
import { fine } from "./ticks.js";

const SHOWN = [-6, 2]; // powers of ten of the error that is left
const POINTS = 240; // of the line through the stems

function create({ model }) {
  const chart = createChart();
  const [xs, xaxis] = [model.get("x"), model.get("xaxis")];
  const { gd: token } = model.get("tokens");
  const limit = 2 / xs.at(-1);

  function draw({ width, t = model.get("steps") }) {
    const [lr, steps] = [model.get("lr"), t];
    const left = xs.map((eigenvalue) => remaining(eigenvalue, lr, steps));
    const ys = left.map(Math.abs);
    chart.prepare(onePanel(width), xaxis.log ? { ...xaxis, ...fine } : xaxis, { range: SHOWN, name: "error left, |1 − αλ|ᵗ", log: true, grid: true });
    const pixels = Array.from({ length: POINTS + 1 }, (_, i) => (i / POINTS) * chart.size.width);
    const line = polyline(pixels, pixels.map((pixel) => chart.y(Math.abs(remaining(chart.x.invert(pixel), lr, steps)))));
    const edge = chart.x(2 / lr); // to its right the error grows
    chart.draw([], { behind: [
      shape("frame", `M0 ${chart.y(1)}H${chart.size.width}`), shape("now", line), vertical(chart, 2 / lr),
      ...stems(chart, [{ token, xs, ys, hollow: (i) => left[i] < 0 }], chart.y(1)),
      s("text", { class: "rms-hint", x: edge - 5, y: chart.size.height - 8, "text-anchor": "end" }, edge < 90 ? "" : "λ = 2/α"),
      s("text", { class: "rms-hint", x: edge + 5, y: 30 }, chart.size.width - edge < 60 ? "" : "grows"),
    ] });
    const most = ys.indexOf(Math.max(...ys));
    const series = [{ token, label: token.label, value: `α is ${(lr / limit).toFixed(2)} of the limit 2/λ_max` }];
    return { series, say: () => sentence(xs, left, lr, steps, most) };
  }

  return { panels: [chart.element], draw, play: player({ last: () => model.get("steps") }) };
}

/** 1 − αλ, so that what is taken away from 1 can be seen. */
const factor = (part) => (part < 0.01 ? `1 − ${short(part)}` : signed(1 - part));

function sentence(xs, left, lr, steps, most) {
  const text = [`With α = ${short(lr)}, after ${steps} ${steps === 1 ? "step" : "steps"}:`];
  const grows = xs.filter((eigenvalue) => lr * eigenvalue > 2).length;
  const flips = xs.filter((eigenvalue) => lr * eigenvalue > 1).length;
  if (grows) text.push(`the error grows along ${grows} of ${xs.length} eigenvectors, most at λ = ${short(xs.at(-1))}, to ${short(Math.abs(left.at(-1)))} times the first.`);
  else text.push(`most error is left at λ = ${short(xs[most])}: ${short(Math.abs(left[most]))} of the first. Each step multiplies it by 1 − αλ = ${factor(lr * xs[most])}.`);
  if (flips) text.push(`Along ${flips} of ${xs.length} the error changes sides at every step (αλ > 1; hollow: now on the other side).`);
  return text.join(" ");
}

export default figure(create);
