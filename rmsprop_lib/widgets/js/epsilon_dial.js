/** EpsilonDial: recorded gradients under an ε to turn, from RMSProp to gradient descent. See ../epsilon_dial.py. */

import { createChart, vertical } from "./chart.js";
import { cosine, rates, second, spread } from "./dial.js";
import { s } from "./dom.js";
import { power, short } from "./format.js";
import { figure, twoPanels } from "./frame.js";
import { marker } from "./marks.js";
import { coloured, shape } from "./paint.js";
import { floats } from "./table.js";
import { INK } from "./tokens.js";

const EXPONENTS = Array.from({ length: 65 }, (_, i) => i / 4 - 16); // of ε: 10⁻¹⁶ … 1

function create({ model }) {
  const [cloud, curve] = [createChart(), createChart()];
  const { rmsprop: rms } = model.get("tokens");
  const other = { ...INK, dash: [4, 3], marker: "s" };
  let known = {}; // what depends on β alone

  function prepare(beta) {
    if (known.beta === beta) return known;
    const all = floats(model.get("gradients"));
    const n = model.get("weights");
    const v = second(all, n, beta);
    const gradient = Array.from(all.subarray(all.length - n));
    const cosines = [true, false].map((inside) => EXPONENTS.map((x) => cosine(gradient, rates(v, 10 ** x, inside, 1))));
    return (known = { beta, v, gradient, cosines });
  }

  function draw({ width }) {
    const [eps, lr, inside] = [model.get("eps"), model.get("lr"), model.get("place") === 0];
    const { v, gradient, cosines } = prepare(model.get("beta"));
    const rate = rates(v, eps, inside, lr);
    const sizes = gradient.map(Math.abs);
    const updates = sizes.map((g, i) => g * rate[i]);
    const [left, right] = twoPanels(width);
    cloud.prepare(left, { range: around(sizes), name: "|gradient|", log: true }, { range: [-8, 0], name: "|update|", log: true, grid: true });
    const dots = updates.map((u, i) => (sizes[i] > 0 ? marker("D", cloud.x(sizes[i]), cloud.y(u), 3) : ""));
    cloud.draw([], { behind: [
      shape("now", `M0 ${cloud.y(lr)}H${cloud.size.width}`),
      s("text", { x: cloud.size.width - 4, y: cloud.y(lr) - 5, "text-anchor": "end" }, "α"),
      coloured(rms, {}, shape("dots rms-cloud", dots.join(""))),
    ] });
    curve.prepare(right, { range: [-16, 0], name: "ε", log: true }, { range: [0, 1.05], name: "cos(update, gradient)", grid: true });
    const eps10 = EXPONENTS.map((x) => 10 ** x);
    const series = [["inside: √(v + ε)", rms], ["outside: √v + ε", other]].map(([label, token], i) => ({
      label, token, xs: eps10, ys: cosines[i], every: 8, value: inside === (i === 0) ? `cos = ${cosine(gradient, rate).toFixed(2)}` : "",
    }));
    curve.draw(series, { behind: [vertical(curve, eps)] });
    return { series, say: () => sentence(eps, inside, cosine(gradient, rate), spread(rate)) };
  }

  return { panels: [cloud.element, curve.element], draw };
}

/** Whole powers of ten around positive numbers. */
function around(values) {
  const logs = values.filter((x) => x > 0).map(Math.log10);
  return logs.length ? [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs) + 0.01)] : [-1, 0];
}

function sentence(eps, inside, cos, ratio) {
  const exponent = Math.log10(eps);
  const shown = Math.abs(exponent - Math.round(exponent)) < 0.005 ? power(Math.round(exponent)) : short(eps);
  const what = cos > 0.995 ? "this is gradient descent in all but name" : ratio < 10 ? "ε evens out most weights" : "each weight has its own rate";
  return `With ε = ${shown} ${inside ? "inside" : "outside"} the root, the update has cosine ${cos.toFixed(3)} with the gradient, and effective rates of `
    + `ordinary weights differ by a factor of ${short(ratio)}: ${what}.`;
}

export default figure(create);
