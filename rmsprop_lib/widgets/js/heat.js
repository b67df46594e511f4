/** The numbers of a sweep, as ../sweep_map.py packs them. */

/** Loss at the cell of a grid whose curves are bytes: 0 … 254 for 10^low … 10^high, 255 for what is not finite. */
export function curveOf(bytes, cell, points, [low, high]) {
  return Array.from(bytes.subarray(cell * points, (cell + 1) * points), (b) => (b === 255 ? Infinity : 10 ** (low + ((high - low) * b) / 254)));
}

/** The place of the value in the axis that is nearest: in factors when all are positive and `log`. */
export function nearest(axis, value, log) {
  const distance = (a) => (log ? Math.abs(Math.log(a / value)) : Math.abs(a - value));
  return axis.reduce((best, a, i) => (distance(a) < distance(axis[best]) ? i : best), 0);
}

/** The cell with the lowest loss; one that is not finite is never it. */
export const lowest = (losses) => losses.reduce((best, loss, i) => (loss < losses[best] || !Number.isFinite(losses[best]) ? i : best), 0);
