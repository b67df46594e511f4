/**
 * Play and Step: two buttons that lead a step number t from 0 to the last one, to be imported by figures in which time matters.
 *
 * A whole run takes some seconds. Where the system asks for less motion, Play shows still pictures instead, a tenth of the run
 * further each second. It pauses at the end and where nobody looks: off the screen, or in a hidden tab.
 */

import { button, h } from "./dom.js";

const LONGEST = 8000; // ms for a whole run
const SLOWEST = 150; // ms for a step
const STILL = 1000; // ms for a picture, where less motion is wanted
const PICTURES = 10;

/**
 * last: () => T. now: () => t or undefined, and go(t), where a figure keeps t itself; by default it is kept here, and Reset forgets it.
 * Returns start({root, redraw, signal}) -> {element, t(), forget()}.
 */
export const player = ({ last, now, go }) => ({ root, redraw, signal }) => {
  let t, frame, before;
  now ??= () => (t === undefined ? t : Math.min(t, last()));
  go ??= (step) => {
    t = step;
    redraw();
  };
  const [start, step] = [button("Play"), button("Step", { title: "one step on; with the arrow keys also back" })];
  const element = h("div", { className: "rms-play" }, start, step);

  function pause() {
    cancelAnimationFrame(frame);
    frame = undefined;
    start.textContent = "Play";
  }

  function play() {
    if ((now() ?? last()) >= last()) go(0);
    before = undefined;
    frame = requestAnimationFrame(tick);
    start.textContent = "Pause";
  }

  function tick(time) {
    before ??= time;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const [wait, most] = still ? [STILL, last() / PICTURES] : [Math.min(SLOWEST, LONGEST / last()), Infinity];
    const passed = Math.floor((time - before) / wait);
    if (passed > 0) {
      before += passed * wait;
      move(still ? Math.ceil(most) : passed);
    }
    if (now() >= last()) pause();
    else frame = requestAnimationFrame(tick);
  }

  const move = (count) => go(Math.max(0, Math.min(last(), (now() ?? 0) + count)));
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal });
  on(start, "click", () => (frame === undefined ? play() : pause()));
  on(step, "click", () => {
    pause();
    move(1);
  });
  on(element, "keydown", ({ key }) => {
    if (key !== "ArrowRight" && key !== "ArrowLeft") return;
    pause();
    move(key === "ArrowRight" ? 1 : -1);
  });
  on(document, "visibilitychange", () => document.hidden && pause());
  const seen = new IntersectionObserver(([entry]) => entry.isIntersecting || pause());
  seen.observe(root);
  signal.addEventListener("abort", () => { // not by `on`: a listener that its own signal takes away would never be called
    pause();
    seen.disconnect();
  });

  return { element, t: now, forget: () => (pause(), (t = undefined)) };
};
