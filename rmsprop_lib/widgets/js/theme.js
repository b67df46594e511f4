/** Light or dark, as the page around the figure says: the book, JupyterLab, VS Code, or the system. */

const system = matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  const { theme } = document.documentElement.dataset;
  if (theme) return theme === "dark";
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  if (document.body.className.includes("vscode-")) return /vscode-(dark|high-contrast(?!-light))/.test(document.body.className);
  return system.matches;
}

/** Call `listener` when it may have changed; returns the function that ends this. */
export function watchTheme(listener) {
  const observer = new MutationObserver(listener);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "class"] });
  }
  system.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", listener);
  };
}
