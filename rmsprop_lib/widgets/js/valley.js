/** A quadratic valley that can be turned, and how many steps it takes to descend. The Python side is ../valley_rotation.py. */

import { normals } from "./noise.js";
import { gd, newState, rmsprop, TINY } from "./rules.js";

export const METHODS = { gd, rmsprop };
export const LIMIT = 1000; // steps, after which a run has failed
export const TOLERANCE = 1e-4; // of the first loss
export const STARTS = 7;
export const ANGLES = Array.from({ length: 31 }, (_, i) => 3 * i);

/** H with eigenvalues 1 and κ, turned by so many degrees. */
export function hessian(condition, degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [[c * c + condition * s * s, (1 - condition) * c * s], [(1 - condition) * c * s, s * s + condition * c * c]];
}

/** A point given along and across the valley, in the axes of the weights; turn back with −degrees. */
export function turned([u, v], degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [c * u - s * v, s * u + c * v];
}

/** Gradient descent is given its best rate; RMSProp has the sliders'. */
export const rateOf = (method, condition, lr) => (method === "gd" ? 2 / (1 + condition) : lr);

/** The first step after which f ≤ TOLERANCE f(θ_0), or LIMIT + 1. */
export function stepsTo(method, [[a, b], [, d]], [x, y], hyper) {
  const f = () => 0.5 * (x * (a * x + b * y) + y * (b * x + d * y));
  const rule = METHODS[method];
  const [p, q] = [newState(), newState()];
  const numbers = { ...hyper, eps: Math.max(hyper.eps ?? 0, TINY) };
  const goal = TOLERANCE * f();
  for (let t = 1; t <= LIMIT; t++) {
    const [gx, gy] = [a * x + b * y, b * x + d * y];
    x = rule(x, gx, p, numbers, t);
    y = rule(y, gy, q, numbers, t);
    if (f() <= goal) return t;
  }
  return LIMIT + 1;
}

/**
 * Starts along and across the valley, so far out that both directions count alike in f. They are drawn at random because a
 * start on an axis of the valley is a special case: there RMSProp takes a few steps at 45°.
 */
export function starts(condition) {
  const z = normals(2 * STARTS, 0, 0);
  return Array.from({ length: STARTS }, (_, i) => {
    const [u, v] = [z[2 * i], z[2 * i + 1] / Math.sqrt(condition)];
    const scale = 4 / Math.max(Math.abs(u), Math.abs(v));
    return [scale * u, scale * v];
  });
}

/** The median over the starts, for every angle of ANGLES. */
export function curve(method, condition, hyper) {
  const from = starts(condition);
  const numbers = { ...hyper, lr: rateOf(method, condition, hyper.lr) };
  const angles = method === "gd" ? [0] : ANGLES; // gradient descent does not know of angles
  const medians = angles.map((degrees) => {
    const H = hessian(condition, degrees);
    return from.map((start) => stepsTo(method, H, turned(start, degrees), numbers)).sort((m, n) => m - n)[STARTS >> 1];
  });
  return method === "gd" ? ANGLES.map(() => medians[0]) : medians;
}
