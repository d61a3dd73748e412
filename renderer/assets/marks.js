// In a reconstructed report simulated numbers have a dotted line; whoever reads on may put it away, for all pages until called back.
"use strict";

(() => {
  const root = document.documentElement;
  const banner = document.querySelector("main .banner");
  if (!banner || !document.querySelector("article .assumed")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "marks-button";
  button.textContent = "Mark simulated";
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.marks !== "off"));
  button.addEventListener("click", () => {
    if (root.dataset.marks === "off") delete root.dataset.marks;
    else root.dataset.marks = "off";
    // Storage is closed in some settings; then the choice lasts for the page.
    try { localStorage.setItem("marks", root.dataset.marks ?? "on"); } catch { /* see above */ }
    show();
  });
  show();
  banner.append(button);
})();
