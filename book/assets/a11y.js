/* What only the browser can know: which boxes are too wide for this window. Those scroll, so the keyboard must reach them. */
(() => {
  const boxes = document.querySelectorAll(".math-scroll, .bd-article div.highlight > pre, .pst-scrollable-table-container");
  const update = () => {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  const sizes = new ResizeObserver(update);
  for (const box of boxes) sizes.observe(box);
  document.fonts?.ready.then(update);
})();
