// Light, dark, or as the system says: set before anything is drawn, so that nothing flashes.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed in some settings */ }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
