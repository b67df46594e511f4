/** Tables of numbers over settings, as ../tables.py packs them, and the setting that the sliders have chosen. */

/** The numbers of a DataView that holds float32. */
export const floats = (view) => Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));

/** The cell of a series for the places of all sliders; cells are counted with the last axis fastest. */
export const cellOf = ({ axes, shape }, places) => axes.reduce((cell, axis, i) => cell * shape[i] + places[axis], 0);

/** The places of a cell on the sliders of its series, as [[axis, place], …]. */
export function placesOf({ axes, shape }, cell) {
  const places = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    places.unshift([axes[i], cell % shape[i]]);
    cell = Math.floor(cell / shape[i]);
  }
  return places;
}

/** Row number `row` of n numbers, of the table of a series. */
export const rowOf = (numbers, row, n) => Array.from(numbers.subarray(row * n, (row + 1) * n));

/** The series of a model with their numbers read, and what the sliders say. */
export function createTable(model) {
  const axes = model.get("axes");
  const series = model.get("series").map((one) => ({ ...one, numbers: floats(one.table) }));
  const places = () => axes.map((_, i) => model.get("place" + i));
  /** "α = 0.01, β = 0.9" */
  const words = (pairs) => pairs.map(([axis, place]) => `${axes[axis].name} = ${axes[axis].labels[place]}`).join(", ");
  return { series, places, words };
}
