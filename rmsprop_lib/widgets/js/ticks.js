/** Ticks for an axis of chart.js that needs others than round numbers or powers of ten: spread one of these into it. */

import { number, power } from "./format.js";

/** The texts of places 0, 1, …, as many as there is room for. */
export const named = (labels) => ({
  ticksOf: ([low, high], pixels) => every(labels.length, (Math.abs(pixels[0] - pixels[1]) / (high - low)) | 0),
  text: (i) => labels[i],
});

const every = (count, room) => {
  const step = Math.max(1, Math.ceil(36 / Math.max(1, room)));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
};

const PARTS = [0, Math.log10(2), Math.log10(5)];

/** On a logarithmic axis 1, 2, 5, 10, 20, …, where a decade is long enough for them. */
export const fine = {
  ticksOf([low, high], pixels) {
    const room = Math.abs(pixels[0] - pixels[1]) / (high - low);
    if (room < 110) return undefined;
    const first = Math.floor(low);
    return Array.from({ length: Math.ceil(high) - first }, (_, n) => PARTS.map((part) => first + n + part)).flat().filter((x) => x >= low && x <= high);
  },
  text: (x) => (x > -3.1 && x < 4 ? number(+(10 ** x).toPrecision(1)) : power(Math.round(x))),
};
