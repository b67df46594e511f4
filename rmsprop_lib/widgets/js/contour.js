/** The landscape under the paths: tinted bands and thin contour lines, pixel by pixel. */

const LEVELS = 13;
const COLOURS = {
  light: { low: [205, 222, 237], high: [251, 252, 253], line: [70, 95, 120], strength: 0.42 },
  dark: { low: [52, 72, 94], high: [22, 26, 32], line: [170, 195, 220], strength: 0.32 },
};

/** Paint f over the whole canvas. xOf, yOf: from a pixel of the canvas to a coordinate. */
export function drawContour(canvas, { f, power }, xOf, yOf, dark) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const levels = heights(f, power, width, height, xOf, yOf);
  const { low, high, line, strength } = COLOURS[dark ? "dark" : "light"];
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const u = levels[i];
      const right = levels[column + 1 < width ? i + 1 : i - 1] - u;
      const below = levels[row + 1 < height ? i + width : i - width] - u;
      // Distance to the nearest whole level, in pixels: lines come out equally thin and smooth everywhere.
      const distance = Math.abs(u - Math.round(u)) / Math.sqrt(right * right + below * below); // Math.hypot is slow
      const ink = u < 0.5 ? 0 : strength * Math.max(0, Math.min(1, 1.2 - distance));
      const shade = Math.min(1, Math.floor(u) / LEVELS);
      for (let c = 0; c < 3; c++) {
        const tint = low[c] + (high[c] - low[c]) * shade;
        image.data[4 * i + c] = tint + (line[c] - tint) * ink;
      }
      image.data[4 * i + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

/** f to the given power, ½ or ¼, scaled so that most of the picture lies between 0 and LEVELS. */
function heights(f, power, width, height, xOf, yOf) {
  const values = new Float64Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    const y = yOf(row);
    for (let column = 0; column < width; column++, i++) {
      const root = Math.sqrt(f(xOf(column), y));
      values[i] = power === 1 / 2 ? root : Math.sqrt(root); // the fourth root; a general power is slow
    }
  }
  const sample = values.filter((_, i) => i % 97 === 0).sort();
  const scale = LEVELS / sample[Math.floor(0.95 * sample.length)];
  return values.map((v) => v * scale);
}
