/** Stems: a number for each place of a panel, drawn up or down from a base line. */

import { s } from "./dom.js";
import { marker } from "./marks.js";
import { coloured, shape } from "./paint.js";

/**
 * series: [{token, xs, ys, hollow}]: several stand side by side at each place; hollow(i): whether the point is not filled.
 * base: the pixel that stems start from. What is not finite, or above the panel, ends in ✕ at the upper edge.
 */
export function stems({ x, y, size }, series, base) {
  const room = size.width / series[0].xs.length / (series.length + 1);
  const thick = Math.max(1.2, Math.min(8, room / 2));
  return series.map(({ token, xs, ys, hollow = () => false }, k) => {
    const shift = (k - (series.length - 1) / 2) * thick;
    const parts = { stem: "", full: "", open: "", gone: "" };
    const zeros = []; // which a logarithmic axis cannot show
    ys.forEach((value, i) => {
      const at = +(x(xs[i]) + shift).toFixed(1);
      const top = +Math.max(0, Math.min(size.height + 9, y(value))).toFixed(1);
      if (value === 0 && top > base) {
        zeros.push(s("text", { x: at, y: base - 4, "text-anchor": "middle" }, "0"));
        return;
      }
      parts.stem += `M${at} ${base}V${top}`;
      if (!Number.isFinite(value) || top === 0) parts.gone += `M${at - 4} 3l8 8m0 -8l-8 8`;
      else parts[hollow(i) ? "open" : "full"] += marker(token.marker, at, top, room < 5 ? 2.5 : 4);
    });
    return coloured(token, {}, s("path", { d: parts.stem, style: `stroke-width:${thick > 4 ? thick * 0.8 : thick}` }),
      shape("dots", parts.full), shape("open", parts.open), shape("exit", parts.gone), ...zeros);
  });
}
