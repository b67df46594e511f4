/** From numbers to pixels. */

export function linear([a, b], [p, q]) {
  const scale = (v) => p + ((v - a) / (b - a)) * (q - p);
  scale.invert = (pixel) => a + ((pixel - p) / (q - p)) * (b - a);
  return scale;
}

/** A logarithmic scale over [10^low, 10^high]; 0, ∞ and NaN land a little outside, where the clip hides them. */
export function decades([low, high], range) {
  const position = linear([low, high], range);
  const scale = (v) => position(v > 0 ? Math.min(high + 1, Math.max(low - 1, Math.log10(v))) : v === 0 ? low - 1 : high + 1);
  scale.invert = (pixel) => 10 ** position.invert(pixel);
  return scale;
}

/** About `count` round numbers within [a, b]. */
export function ticks(a, b, count) {
  const raw = (b - a) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((m) => m * unit >= raw) * unit;
  const first = Math.ceil(a / step);
  return Array.from({ length: Math.floor(b / step) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}
