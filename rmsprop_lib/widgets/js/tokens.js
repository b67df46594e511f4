/**
 * Label, colours, dash and marker come from Python with the figure, those of the methods that it draws: the trait `tokens`, by
 * their short names. What belongs to no method, the gradient, a border, a mean, is drawn in ink.
 */
export const INK = { light: "#333333", dark: "#dddddd", dash: [], marker: "o" };
