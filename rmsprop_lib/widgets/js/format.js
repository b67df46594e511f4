/** Numbers as text. */

/** The d3 formats that our sliders use: "d", ".2f", ".3g", ".1e", ".0%"; others give six significant digits. */
export function byFormat(value, format) {
  const [, digits, type] = /^\.?(\d*)([defg%])$/.exec(format || "") || [];
  if (type === "d") return String(Math.round(value));
  if (type === "f") return value.toFixed(+digits);
  if (type === "e") return value.toExponential(+digits);
  if (type === "g") return value.toPrecision(+digits || 6);
  if (type === "%") return (100 * value).toFixed(+digits) + "%";
  return String(+value.toPrecision(6));
}

const superscript = (n) => String(n).replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(c)]);

/** A power of ten for an axis: 10⁻³; 1 and 10 as they are. */
export const power = (n) => (n === 0 ? "1" : n === 1 ? "10" : "10" + superscript(n));

/** Two significant digits for a sentence: 0.034, 17, 3.1·10⁻⁷. */
export function short(value) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "∞";
  let [mantissa, exponent] = value.toExponential(1).split("e");
  exponent = +exponent;
  if (exponent < -3 || exponent > 4) return `${mantissa}·10${superscript(exponent)}`;
  return (+value.toPrecision(2)).toFixed(Math.max(0, 1 - exponent)).replace("-", "−");
}

/** A tick of an axis, with a minus as long as a plus. */
export const number = (tick) => String(tick).replace("-", "−");

/** The next of 1, 2, 5, 10, 20, … */
export function nice(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 2, 5].find((m) => m * unit >= value) ?? 10);
}

/** Two digits with a sign. */
export const signed = (value) => (value < 0 ? "−" : "") + short(Math.abs(value));
