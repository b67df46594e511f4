/** Hinton's weight: nine gradients of +0.1 and one of −0.9(1 + δ), over and over. The Python side is ../nine_and_one.py. */

import { gd, newState, rmsprop, rprop, sign, TINY } from "./rules.js";

const RULES = { gd, sign, rprop, rmsprop };

export const COUNT = 10;
export const SMALL = 0.1;
const rareOf = (imbalance) => -(COUNT - 1) * SMALL * (1 + imbalance);

/** θ_0 = 0, θ_1, …, θ_T. */
export function walk(method, imbalance, steps, hyper) {
  const state = newState();
  const numbers = { ...hyper, eps: Math.max(hyper.eps, TINY) };
  const path = [0];
  for (let t = 1; t <= steps; t++) {
    const g = t % COUNT === 0 ? rareOf(imbalance) : SMALL;
    path.push(RULES[method](path[t - 1], g, state, numbers, t));
  }
  return path;
}

/**
 * How far RMSProp moves per step on average, in units of α, once v repeats itself (ε = 0). Positive is the right way.
 * v after the rare gradient solves V = β(β⁹V + (1 − β⁹) s²) + (1 − β) r²; k steps later it is β^k V + (1 − β^k) s².
 */
export function drift(beta, imbalance) {
  const [small, rare] = [SMALL ** 2, rareOf(imbalance) ** 2];
  const n = COUNT;
  const V = (beta * (1 - beta ** (n - 1)) * small + (1 - beta) * rare) / (1 - beta ** n);
  let sum = rareOf(imbalance) / Math.sqrt(V);
  for (let k = 1; k < n; k++) sum += SMALL / Math.sqrt(beta ** k * V + (1 - beta ** k) * small);
  return -sum / n;
}

/** The imbalance from which RMSProp goes the right way, or `most` when it takes more than that. */
export function threshold(beta, most) {
  let [low, high] = [0, most];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (drift(beta, middle) > 0) high = middle;
    else low = middle;
  }
  return high;
}

/** The smallest β that goes the right way, found among those with a memory up to 10⁴ steps. */
export function leastBeta(imbalance) {
  let [low, high] = [0, 4];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (drift(1 - 10 ** -middle, imbalance) > 0) high = middle;
    else low = middle;
  }
  return 1 - 10 ** -high;
}
