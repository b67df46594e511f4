/**
 * The problems of rmsprop_lib/problems in two dimensions: f(x, y) and grad(x, y, t), operations in the same order as in Python.
 * `power`: contour levels are even in f to this power, which spreads them well (½ makes the ellipses of a quadratic even).
 */

import { normals } from "./noise.js";

const square = (x) => x * x;

/** args: the matrix H as [[h11, h12], [h21, h22]]. */
export function quadratic([[a, b], [c, d]]) {
  const rows = (x, y) => {
    // Python leaves out the products with a zero entry.
    const zero = 0 * x;
    return [zero + (a && a * x) + (b && b * y), zero + (c && c * x) + (d && d * y)];
  };
  return {
    power: 1 / 2,
    f(x, y) {
      const [u, v] = rows(x, y);
      return 0.5 * (x * u + y * v);
    },
    grad: rows,
  };
}

function rosenbrock([a, b]) {
  return {
    power: 1 / 4,
    f: (x, y) => square(a - x) + b * square(y - x * x),
    grad(x, y) {
      const r = y - x * x;
      return [-2 * (a - x) - 4 * b * x * r, 2 * b * r];
    },
  };
}

function beale() {
  const residuals = (x, y) => [1.5 - x + x * y, 2.25 - x + x * (y * y), 2.625 - x + x * (y * y * y)];
  return {
    power: 1 / 4,
    f(x, y) {
      const [r1, r2, r3] = residuals(x, y);
      return r1 * r1 + r2 * r2 + r3 * r3;
    },
    grad(x, y) {
      const [r1, r2, r3] = residuals(x, y);
      return [
        2 * (r1 * (y - 1) + r2 * (y * y - 1) + r3 * (y * y * y - 1)),
        2 * x * (r1 + 2 * y * r2 + 3 * (y * y) * r3),
      ];
    },
  };
}

function himmelblau() {
  const parts = (x, y) => [x * x + y - 11, x + y * y - 7];
  return {
    power: 1 / 4,
    f(x, y) {
      const [p, q] = parts(x, y);
      return p * p + q * q;
    },
    grad(x, y) {
      const [p, q] = parts(x, y);
      return [4 * x * p + 2 * q, 2 * p + 4 * y * q];
    },
  };
}

const FAMILIES = { quadratic, rosenbrock, beale, himmelblau };

/** The gradient of step t with noise of its own; all optimizers meet the same. */
function noisy(problem, { sigma, stream, seed }) {
  const known = []; // by step
  return {
    ...problem,
    grad(x, y, t) {
      known[t] ??= normals(2, t, seed, stream);
      return problem.grad(x, y, t).map((part, i) => part + sigma * known[t][i]);
    },
  };
}

/** The functions of a problem, given its family and numbers as Python writes them; noise: layers of it, the inner first. */
export const makeProblem = ({ family, args, noise }) => noise.reduce(noisy, FAMILIES[family](args));
