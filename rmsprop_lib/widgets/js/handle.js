/** A point to drag: by mouse, by touch, and by the arrow keys. */

import { s } from "./dom.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * label: what a screen reader calls it. drag(event, first): the pointer is there; step(dx, dy): an arrow key was pressed, ten at
 * once with Shift. Returns {element, hint}: an SVG group to place, and the text beside the point.
 */
export function createHandle(label, signal, { drag, step }) {
  const hint = s("text", { class: "rms-hint", y: -14 });
  const element = s("g", { class: "rms-start", tabindex: 0, role: "slider", "aria-label": label },
    s("circle", { r: 22, class: "rms-touch" }), s("circle", { r: 8 }), s("circle", { r: 2.5, class: "rms-dot" }), hint);
  const on = (type, listener, options) => element.addEventListener(type, listener, { signal, ...options });
  let first;
  on("touchstart", (event) => event.preventDefault(), { passive: false }); // drag, do not scroll
  on("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    element.focus();
    event.preventDefault();
    first = true;
  });
  on("pointermove", (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    drag(event, first);
    first = false;
  });
  on("click", (event) => event.stopPropagation()); // a drag has ended; the panel would take it for a click beside the point
  on("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault(); // do not scroll
    step(...arrow.map((part) => part * (event.shiftKey ? 10 : 1)));
  });
  return { element, hint };
}
