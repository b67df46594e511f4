/** A link to the setting of a figure: page.html#fig-paths=steps:60,beta:0.99,start:-4|1 */

import { h } from "./dom.js";

const PREFIX = "#fig-";

/** The setting as the fragment of an address. */
export function fragment(name, canvas) {
  const pairs = canvas.get("settings").map((trait) => `${trait}:${[canvas.get(trait)].flat().map(word).join("|")}`);
  return `${PREFIX}${name}=${pairs.join(",")}`;
}

const word = (value) => (typeof value === "number" ? String(+value.toPrecision(6)) : encodeURIComponent(value));

/** The name of a figure in a fragment, and the text of its setting; undefined for another fragment. */
export function parts(hash) {
  const [, name, text] = /^#fig-([\w-]+)(?:=(.*))?$/.exec(hash) ?? [];
  return name && { name, text: text ?? "" };
}

/**
 * Set what the text says, in the order of `settings`, and nothing that a reader could not set: numbers are kept between the
 * ends of their control, and what is no number, or not as many, is left out.
 */
export function apply(canvas, text) {
  const given = Object.fromEntries(text.split(",").map((pair) => pair.split(/:(.*)/)));
  for (const trait of canvas.get("settings")) {
    if (given[trait] === undefined) continue;
    const value = read(given[trait], canvas.get(trait), canvas.controls?.[trait]);
    if (value !== undefined) canvas.set(trait, value);
  }
}

function read(text, now, control) {
  if (typeof now === "string") return decodeURIComponent(text);
  const numbers = text.split("|").map((part) => (part === "" ? NaN : Number(part)));
  if (!numbers.every(Number.isFinite) || numbers.length !== [now].flat().length) return undefined;
  return Array.isArray(now) ? numbers : within(numbers[0], control);
}

function within(value, control) {
  if (!control) return undefined;
  const labels = control.get("_options_labels");
  if (labels) return Math.max(0, Math.min(labels.length - 1, Math.round(value)));
  const ends = ["min", "max"].map((end) => (control.name === "FloatLogSliderModel" ? control.get("base") ** control.get(end) : control.get(end)));
  const kept = Math.max(ends[0], Math.min(ends[1], value));
  return control.name === "IntSliderModel" ? Math.round(kept) : kept;
}

const baseOf = (name) => name.replace(/-\d+$/, "");

/**
 * Give a figure a name of its own in addresses, and a button that puts its setting there. Once it was pressed, a second one
 * copies what shows the figure with this setting inside another page.
 */
export function nameInAddress(place, canvas, figures) {
  const base = canvas.get("name");
  const count = [...figures.keys()].filter((name) => baseOf(name) === base).length;
  const name = count ? `${base}-${count + 1}` : base;
  figures.set(name, { place, canvas });
  const embed = copier("Embed", "copy code that shows this in another page", "Not copied", () => snippet(place.dataset.embed, fragment(base, canvas)));
  embed.hidden = true;
  const link = copier("Link", "copy a link to this setting", parent === window ? "In the address" : "Not copied", () => {
    history.replaceState(null, "", fragment(name, canvas));
    embed.hidden = !place.dataset.embed;
    return location.href;
  });
  place.querySelector(".rms-reset")?.after(link, embed);
}

/** A button that copies the text that `make` returns, and says whether it could. */
function copier(label, title, otherwise, make) {
  const button = h("button", { type: "button", className: "rms-reset rms-link", title }, label);
  let timer;
  button.addEventListener("click", async () => {
    const text = make(); // first, as there may be no clipboard
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    button.textContent = copied ? "Copied" : otherwise;
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = label), 2000);
  });
  button.setAttribute("aria-live", "polite");
  return button;
}

/** The code for another page, with an address that works from there, and a setting. */
export function snippet(code, setting = "") {
  return code.replace(/(?<= src=")[^"]*/, (file) => new URL(file, location.href).href + setting);
}

/** Show the setting that the address asks for, if it asks for one. */
export function follow(figures) {
  const wanted = parts(location.hash);
  const found = wanted && (figures.get(wanted.name) ?? figures.get(baseOf(wanted.name)));
  if (!found) return;
  apply(found.canvas, wanted.text);
  found.place.scrollIntoView({ block: "nearest" });
}
