import { s } from "./dom.js";
import { shape } from "./paint.js";

export const MARGIN = { top: 8, right: 10, bottom: 26, left: 34 };

/** The inside of a panel: where the data go. */
export const inner = ({ width, height, bottom = MARGIN.bottom }) => ({
  width: width - MARGIN.left - MARGIN.right,
  height: height - MARGIN.top - bottom,
});

/**
 * Ticks and names of both axes into an SVG group placed at the inside of a panel.
 * x, y: {scale, ticks, text (tick -> string), name, grid: whether the ticks run across}.
 */
export function drawAxes(group, { width, height }, x, y) {
  const parts = [shape("frame", `M0 0V${height}H${width}`)];
  for (const tick of y.ticks) {
    const at = y.scale(tick);
    if (y.grid) parts.push(shape("grid", `M0 ${at}H${width}`));
    if (at > 22 || (y.name.length > 5 && at > 4)) parts.push(s("text", { x: -6, y: at + 4, "text-anchor": "end" }, y.text(tick))); // the name stands above
  }
  for (const tick of x.ticks) {
    const at = x.scale(tick);
    if (at < width - 8 * x.name.length) parts.push(s("text", { x: at, y: height + 18, "text-anchor": "middle" }, x.text(tick)));
  }
  parts.push(s("text", { class: "rms-name", x: width, y: height + 18, "text-anchor": "end" }, x.name));
  const inside = y.name.length > 5; // a long name stands in the panel
  parts.push(s("text", { class: "rms-name", x: inside ? 7 : -6, y: 11, "text-anchor": inside ? "start" : "end" }, y.name));
  group.replaceChildren(...parts);
}
