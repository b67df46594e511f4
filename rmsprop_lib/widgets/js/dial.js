/** What ε does to an update, from recorded gradients. The Python side is ../epsilon_dial.py. */

import { TINY } from "./rules.js";

/** v after all steps, for gradients one step after the other, `n` weights each; v starts at 0. */
export function second(gradients, n, beta) {
  const v = new Float64Array(n);
  for (let i = 0; i < gradients.length; i++) v[i % n] = beta * v[i % n] + (1 - beta) * (gradients[i] * gradients[i]);
  return v;
}

/** By weight: α/√(v + ε) or α/(√v + ε). */
export function rates(v, eps, inside, lr) {
  const e = Math.max(eps, TINY);
  return Array.from(v, (x) => lr / (inside ? Math.sqrt(x + e) : Math.sqrt(x) + e));
}

/** The cosine of the angle between the gradient and the update rate · gradient; 1 is gradient descent. */
export function cosine(gradient, rate) {
  let [gg, uu, gu] = [0, 0, 0];
  const largest = Math.max(...rate);
  gradient.forEach((g, i) => {
    const u = (rate[i] / largest) * g; // the length does not matter, and 1/√TINY would overflow
    gg += g * g;
    uu += u * u;
    gu += g * u;
  });
  return gu / Math.sqrt(gg * uu);
}

/** How unequal the effective rates are: the one below which nine in ten lie, over the one below which one in ten lies. */
export function spread(rate) {
  const sorted = [...rate].sort((a, b) => a - b);
  return sorted[Math.floor(0.9 * (sorted.length - 1))] / sorted[Math.floor(0.1 * (sorted.length - 1))];
}
