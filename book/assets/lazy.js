/* Load the state of the page's figures, and their host, when a figure comes within one screen of the viewport, at the first
   key or pointer press, or when the address is a link to the setting of a figure. */
(() => {
  const { state, host } = document.currentScript.dataset;
  const figures = document.querySelectorAll(".rms-figure");
  const near = new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting)) load(); }, { rootMargin: "100% 0px" });
  const events = ["keydown", "pointerdown", "hashchange"];
  const load = () => {
    near.disconnect();
    for (const event of events) removeEventListener(event, load);
    for (const src of [state, host]) {
      // classic scripts, since a module may not be loaded from file://, and one after the other
      document.head.append(Object.assign(document.createElement("script"), { src, async: false }));
    }
  };
  for (const figure of figures) near.observe(figure);
  for (const event of events) addEventListener(event, load);
  if (location.hash.startsWith("#fig-")) load();
})();
