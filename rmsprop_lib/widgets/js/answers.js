/** What a reader answers, and what is said to it: the table comes from ../../exercises/verdicts.py and is read as there. */

const SIGNS = { "−": "-", "–": "-", "×": "*", "·": "*", ",": ".", "**": "^" };
const FACTOR = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(?:\^\(?([+-]?\d+\.?\d*)\)?)?$/i;

/** A number as people type it: 0.25, 0,25, 1e-3, 10^-3, 2·10⁻³, 2^-0.5, 1/3; NaN where it is none. */
export function read(text) {
  const plain = text
    .trim()
    .replace(/[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (power) => "^" + [...power].map((c) => "0123456789-+"["⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺".indexOf(c)]).join(""))
    .replace(/\*\*|[−–×·,]/g, (sign) => SIGNS[sign])
    .replace(/\s*([*/^])\s*/g, "$1");
  const [, sign, size] = /^([+-]?)\s*(.*)$/.exec(plain);
  const [above, below, ...more] = size.split("/").map(product);
  const value = (sign === "-" ? -1 : 1) * (above / (below ?? 1));
  return more.length || !Number.isFinite(value) ? NaN : value;
}

const product = (text) => text.split("*").reduce((value, part) => value * factor(part), 1);

function factor(text) {
  const [, digits, exponent = "", power = 1] = FACTOR.exec(text) ?? [];
  return Number(digits + exponent) ** power; // NaN for no match
}

/** The first row of the table that fits the answer, a number or a letter. */
export function verdict(rows, answer) {
  return rows.find(({ value, margin }) => value === null || value === answer || Math.abs(answer - value) <= margin);
}

/** Its sentence, with the answer in it as Python writes it: a number in six digits. */
export function told({ sentence }, answer) {
  return sentence.replace("{answer}", () => (typeof answer === "number" ? sixDigits(answer) : answer));
}

/** Python's format .6g, which rounds a tie (2⁻¹⁰ has one) to the even digit, where JavaScript rounds up. */
function sixDigits(value) {
  const tie = /^(-?\d\.\d{4}[02468])50*(e.*)$/.exec(value.toExponential(60));
  const rounded = tie ? tie[1] + tie[2] : value.toExponential(5);
  const [digits, exponent] = rounded.split("e");
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < 6) return short(Number(rounded).toFixed(5 - exponent));
  return `${short(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
