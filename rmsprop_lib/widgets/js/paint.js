/** SVG elements in the colours of a token, which the style sheet picks by theme. */

import { s } from "./dom.js";

/** shape("dots", d): a path of the class rms-dots. */
export const shape = (name, d) => s("path", { class: "rms-" + name, d });

/** A line in the dashes of a token. */
export const dashed = ({ dash }, d) => s("path", { d, "stroke-dasharray": dash.join(" ") });

/** Class and colours of what belongs to a token. */
export const look = ({ light, dark }, dim) => ({ class: "rms-series" + (dim ? " rms-dim" : ""), style: `--l:${light};--d:${dark}` });

/** A group of elements that belong to a token. */
export const coloured = (token, { dim } = {}, ...children) => s("g", look(token, dim), ...children);
