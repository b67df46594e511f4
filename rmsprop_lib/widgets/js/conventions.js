/**
 * RMSProp with every convention that the translator speaks of, one coordinate at a time: conventions.rmsprop of Python without
 * weight decay and maximize. The Python side is ../translator.py.
 */

import { TINY } from "./rules.js";

export const newBuffers = ({ v0 }) => ({ v: v0, mean: 0, buffer: 0 });

/** (θ, g, state, settings, α of this step, t) -> new θ; the state is changed in place. The order is that of Python. */
export function step(theta, g, state, o, lr, t) {
  const { beta, momentum } = o;
  const [before, k] = o.bias_correction ? [1 - beta ** (t - 1), 1 - beta ** t] : [1, 1];
  if (o.centered) { // v is the variance itself, by a recursion that cannot go negative
    const off = g - state.mean;
    state.v = beta * (state.v + (((1 - beta) * before) / k) * (off * off));
    state.mean += ((1 - beta) / k) * off;
  } else {
    state.v = beta * state.v + (1 - beta) * (g * g);
  }
  const eps = Math.max(o.eps, TINY);
  const direction = g / (o.eps_inside ? Math.sqrt(state.v / k + eps) : Math.sqrt(state.v / k) + eps);
  const move = o.lr_in_momentum ? lr * direction : direction;
  state.buffer = momentum * state.buffer + move;
  const walk = o.nesterov ? move + momentum * state.buffer : state.buffer;
  return theta - (o.lr_in_momentum ? walk : lr * walk);
}

const VALLEY = [1, 20]; // the curvatures of problems.ravine()
const START = [-4, 1];

/** θ_0 … θ_T in the valley whose loss is multiplied by `scale`; factor(t) multiplies α. */
export function descend(settings, scale, steps, factor) {
  const states = VALLEY.map(() => newBuffers(settings));
  const path = [START];
  for (let t = 1; t <= steps; t++) {
    const lr = settings.lr * factor(t);
    path.push(path[t - 1].map((x, i) => step(x, scale * (VALLEY[i] * x), states[i], settings, lr, t)));
  }
  return path;
}

export const FACTORS = [() => 1, (t) => 1 / (1 + t / 20)];

/** The settings that a verdict of Python's `translate` gives for these numbers. */
export function settingsOf({ set, eps }, numbers) {
  const made = { ...numbers, ...set };
  made.eps = { same: numbers.eps, square: numbers.eps ** 2, root: Math.sqrt(numbers.eps) }[eps] ?? eps;
  return made;
}

/** By step: how far two paths are apart. */
export const apart = (one, other) => one.map(([x, y], t) => Math.hypot(x - other[t][0], y - other[t][1]));
