/** A gradient of one weight, step by step, and what a method makes of it. The Python side is ../gradient_stream.py. */

import { normals } from "./noise.js";
import { adagrad, newState, rmsprop, sign, TINY } from "./rules.js";

const RULES = { rmsprop, adagrad, sign };

const within = (t, from, to) => t >= from && t <= to;

// t = 1, 2, …, T -> g_t, in the order of the choices.
const SHAPES = [
  (t, T) => (within(t, T / 3 + 1, (2 * T) / 3) ? 3 : 0.3), // step
  (t, T) => (t === T / 4 ? 3 : 0.1), // spike
  (t, T, noise) => noise[t - 1], // noise
  (t, T) => (within(t, T / 4 + 1, (2 * T) / 3) ? 0 : 1), // silence
  (t) => (t % 10 ? 0.3 : -2.7), // nine and one
];

export function stream(kind, T, seed) {
  const noise = normals(T, 0, seed);
  return Array.from({ length: T }, (_, i) => SHAPES[kind](i + 1, T, noise));
}

/** edits: "41~2.5|42~-1": the gradients that the reader has set, by step; what is no step or no number is left out. */
export function edited(gradients, edits) {
  const out = [...gradients];
  for (const [t, g] of parse(edits)) {
    if (t >= 1 && t <= out.length && Number.isInteger(t) && Math.abs(g) <= LARGEST) out[t - 1] = g;
  }
  return out;
}

export const LARGEST = 3; // of a gradient that a reader sets

export const parse = (edits) => edits.split("|").filter(Boolean).map((pair) => pair.split("~").map(Number));

/** By step: the root of the second moment, the effective rate, and the update θ_{t−1} − θ_t. */
export function respond(method, gradients, hyper) {
  const state = newState();
  const numbers = { ...hyper, eps: Math.max(hyper.eps, TINY) };
  const out = { root: [], rate: [], update: [] };
  gradients.forEach((g, i) => {
    out.update.push(-RULES[method](0, g, state, numbers, i + 1));
    const second = { rmsprop: state.v, adagrad: state.s, sign: g * g }[method];
    out.root.push(Math.sqrt(second));
    out.rate.push(hyper.lr / Math.sqrt(method === "sign" ? second : second + numbers.eps));
  });
  return out;
}
