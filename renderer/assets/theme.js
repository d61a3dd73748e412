// Light, dark, or as the system says, and whether simulated numbers are marked: set before anything is drawn, so that nothing
// flashes. And nothing is drawn before its letters are there, or a moment has passed: a page that changes its letters moves under
// the reader.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js", "waiting");
  setTimeout(() => root.classList.remove("waiting"), 200);
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed in some settings */ }
  let marks = null;
  try { marks = localStorage.getItem("marks"); } catch { /* see above */ }
  if (marks === "off") root.dataset.marks = marks;
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
