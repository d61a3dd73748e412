// Tables that fit need no scrolling of their own: they leave the keyboard's way, and their header sticks to the page.
"use strict";

(() => {
  const boxes = document.querySelectorAll(".table-scroll");
  const measure = (box) => {
    const fits = box.querySelector("table").offsetWidth <= box.clientWidth + 1;
    box.classList.toggle("fits", fits);
    if (!fits) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => measure(entry.target)));
  boxes.forEach((box) => { measure(box); watch.observe(box); });
})();
