/** Small helpers to make HTML and SVG elements. */

const SVG = "http://www.w3.org/2000/svg";

/** h("label", {htmlFor: id}, "text", child): properties where the element has them, attributes otherwise. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (text, more) => h("button", { type: "button", className: "rms-reset", ...more }, text);

/** s("path", {d: "M0 0"}): the same for SVG, attributes only. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/** Where a pointer is, in pixels from the top left corner of the data. An inner <svg> cannot tell: its box is that of its contents. */
export function within(svg, { left, top }, { clientX, clientY }) {
  const box = svg.getBoundingClientRect();
  return [clientX - box.left - left, clientY - box.top - top];
}
