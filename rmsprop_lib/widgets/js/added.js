/** What a reader's own rules did when Python was last asked. The Python side is ../own_rules.py. */

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Their entries; dim: a slider has moved since, and no kernel has answered. */
export const added = (model) => model.get("added")
  .map(({ at, ...entry }) => ({ ...entry, dim: Object.keys(at).some((name) => !same(at[name], model.get(name))) }));

/** What to say about those that are dim. */
export const stale = (series) => series.filter(({ dim }) => dim)
  .map(({ label }) => ` ${label} was computed in Python for other settings and is drawn faintly.`).join("");

/** JSON has no NaN: numbers of an entry with NaN for null. */
export const filled = (numbers) => numbers.map((v) => v ?? NaN);
