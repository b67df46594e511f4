/** What every figure has around its panels: legend, Reset, the sentence, light and dark, its width, and an end. */

import { button, h } from "./dom.js";
import { createLegend } from "./legend.js";
import { isDark, watchTheme } from "./theme.js";

const WIDE = 560; // pixels from which two panels stand side by side
const PAUSE = 250; // ms without change before a screen reader is told

/**
 * The widget of a figure. create({model, change, signal}) is called once per view and returns
 *   panels: elements,
 *   draw({width, dark, t}): draws them; returns {series: entries of the legend, say: () => sentence}; t: the step that Play shows,
 *     undefined for the whole run,
 *   play: what player.js returns, where there are steps to play,
 *   restore(): the values that Reset sets, default the model's `defaults`.
 * change(values) sets traits; signal is aborted when the view goes away.
 */
export function figure(create, initialize = () => {}) {
  function render({ model, el }) {
    const end = new AbortController();
    const change = (values) => {
      model.set(values);
      model.save_changes();
    };
    const { panels, draw, play, restore = () => model.get("defaults") } = create({ model, change, signal: end.signal });
    const legend = createLegend();
    const reset = button("Reset");
    const told = h("p", { className: "rms-told", role: "status" });
    const root = h("div", { className: "rms-live", "data-lm-suppress-shortcuts": "true" }, // JupyterLab: the arrow keys are ours
      h("div", { className: "rms-head" }, legend.element, reset), h("div", { className: "rms-panels" }, ...panels));
    el.append(root);
    const steps = play?.({ root, redraw: later, signal: end.signal });
    root.append(h("div", { className: "rms-foot" }, ...(steps ? [steps.element] : []), told));

    let timer;
    function redraw() {
      const width = root.clientWidth;
      if (!width) return; // hidden: the observer calls again
      const dark = isDark();
      root.classList.toggle("rms-dark", dark);
      const { series, say } = draw({ width, dark, t: steps?.t() });
      legend.draw(series);
      clearTimeout(timer);
      timer = setTimeout(() => (told.textContent = say()), told.textContent ? PAUSE : 0);
    }

    let frame;
    function later() {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(redraw);
    }
    const resized = new ResizeObserver(redraw);
    resized.observe(root);
    const unwatch = watchTheme(later);
    model.on("change", later);
    reset.addEventListener("click", () => {
      steps?.forget();
      change(restore());
      later(); // also when only the step has moved
    }, { signal: end.signal });

    return () => {
      end.abort();
      resized.disconnect();
      unwatch();
      model.off("change", later);
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }

  return { initialize, render };
}

/** The size of a panel that stands alone. */
export const onePanel = (width) => ({ width, height: Math.min(320, Math.max(230, Math.round(0.45 * width))) });

/** The sizes of two panels: side by side where there is room, below each other on a phone. */
export function twoPanels(width) {
  if (width < WIDE) {
    return [{ width, height: Math.round(0.74 * width) }, { width, height: Math.max(150, Math.round(0.42 * width)) }];
  }
  const left = Math.round(0.6 * width);
  const height = Math.min(440, Math.round(0.72 * left));
  return [{ width: left, height }, { width: width - left, height }];
}
