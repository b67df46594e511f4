/** What is seen, in words: for those who cannot see it, and for those who wonder what to look at. */

import { stale } from "./added.js";
import { short } from "./format.js";

/** series: [{label, now, left, dim}]: the loss after so many steps, or the step at which it left the picture; verb: "is" on the way. */
export function sentence(series, steps, verb = "ends") {
  const facts = series.map(({ label, now, left }) => {
    if (left !== null) return `${label} leaves the picture at step ${left}`;
    return `${label} ${verb} at f = ${short(now)}`;
  });
  const text = [`After ${steps} ${steps === 1 ? "step" : "steps"}: ${join(facts)}.`];
  const lowest = winner(series.filter(({ dim }) => !dim));
  if (lowest) text.push(lowest);
  return text.join(" ") + stale(series);
}

function winner(series) {
  const ranked = series.filter(({ left }) => left === null).sort((a, b) => a.now - b.now);
  if (ranked.length < 2) return "";
  const [first, second] = ranked.map(({ now }) => now);
  if (second <= 1.05 * first) return `${ranked[0].label} and ${ranked[1].label} end equally low.`;
  return `Lowest is ${ranked[0].label}, ${second < 1e6 * first ? `by a factor of ${short(second / first)}` : "by far"}.`;
}

const join = (facts) => (facts.length < 2 ? facts.join("") : `${facts.slice(0, -1).join(", ")} and ${facts.at(-1)}`);
