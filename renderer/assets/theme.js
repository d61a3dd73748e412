// Light, dark, or as the system says, and whether simulated numbers are marked: set before anything is drawn, so that nothing flashes.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed in some settings */ }
  let marks = null;
  try { marks = localStorage.getItem("marks"); } catch { /* see above */ }
  if (marks === "off") root.dataset.marks = marks;
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
