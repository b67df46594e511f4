/** Lines and markers as SVG path strings. */

const FAR = 1e5; // pixels: beyond this SVG renderers lose precision

/** A line through the points, up to the first that is not a number; far points are kept at a finite distance. */
export function polyline(xs, ys) {
  let d = "";
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) break;
    d += `${i ? "L" : "M"}${near(xs[i])} ${near(ys[i])}`;
  }
  return d;
}

const near = (pixel) => Math.round(10 * Math.max(-FAR, Math.min(FAR, pixel))) / 10;

// Corners per marker of tokens.json, the angle of the first one, and for stars and crosses the inner radius and how often it comes.
const SHAPES = {
  "^": [3, -90], v: [3, 90], s: [4, 45], D: [4, 0], p: [5, -90], h: [6, 0], "*": [10, -90, 0.45], "+": [12, -15, 0.35, 3], x: [12, 30, 0.35, 3],
};

export function marker(shape, x, y, r) {
  if (!(shape in SHAPES)) return `M${near(x - r)} ${near(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  const [corners, first, inner = 1, period = 2] = SHAPES[shape];
  let d = "";
  for (let i = 0; i < corners; i++) {
    const angle = ((first + (360 * i) / corners) * Math.PI) / 180;
    const radius = 1.2 * r * ((i + 1) % period ? 1 : inner);
    d += `${i ? "L" : "M"}${near(x + radius * Math.cos(angle))} ${near(y + radius * Math.sin(angle))}`;
  }
  return d + "Z";
}

/** The step at which a path leaves [low, high] × [low, high] for good, or null when it ends inside. */
export function leaves({ x, y, stopped }, [[x0, x1], [y0, y1]]) {
  const inside = (i) => x[i] >= x0 && x[i] <= x1 && y[i] >= y0 && y[i] <= y1;
  let last = x.length - 1;
  while (last > 0 && !inside(last)) last--;
  if (last < x.length - 1) return last + 1;
  return stopped; // inside, but the next gradient is not a number
}

/** Where the segment from an inside point a to an outside point b crosses the border of the rectangle. */
export function crossing([ax, ay], [bx, by], [[x0, x1], [y0, y1]]) {
  const part = (a, b, low, high) => (b > high ? (high - a) / (b - a) : b < low ? (low - a) / (b - a) : 1);
  const t = Math.min(part(ax, bx, x0, x1), part(ay, by, y0, y1));
  const along = (a, b) => (t > 0 && Number.isFinite(b) ? a + t * (b - a) : a);
  return [along(ax, bx), along(ay, by)];
}
