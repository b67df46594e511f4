/** Who is who, and a number of each; a list, so that a screen reader can walk through it. */

import { h, s } from "./dom.js";
import { marker } from "./marks.js";
import { dashed, look, shape } from "./paint.js";

export function createLegend() {
  const element = h("ul", { className: "rms-legend" });

  /** series: [{label, token, value: text, dim}]. */
  function draw(series) {
    element.replaceChildren(...series.map(({ label, token, value, dim }) => {
      const sample = s("svg", { width: 34, height: 14, "aria-hidden": "true" },
        dashed(token, "M0 7H34"),
        shape("dots", marker(token.marker, 17, 7, 4)));
      return h("li", look(token, dim),
        sample, h("span", {}, label), h("span", { className: "rms-value" }, value ?? ""));
    }));
  }

  return { element, draw };
}
