// The page's few movements: dark mode, the menu on a phone, tabs. Everything can be read without it.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // Storage is closed in some settings (file:// pages, strict privacy); then the choice lasts for the page.
  const stored = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const store = (theme) => {
    try { localStorage.setItem("theme", theme); } catch { /* see above */ }
  };
  const wished = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = stored() || wished();

  const themeButton = () => {
    const button = document.querySelector(".theme-button");
    const show = () => button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      store(root.dataset.theme);
      show();
    });
  };

  const menuButton = () => {
    const button = document.querySelector(".menu-button");
    const sidebar = document.getElementById("sidebar");
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = sidebar.classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
    });
  };

  const tabs = (set, setNumber) => {
    const panels = [...set.querySelectorAll(":scope > .tab-panel")];
    const list = document.createElement("div");
    list.className = "tab-list";
    list.setAttribute("role", "tablist");
    const buttons = panels.map((panel, number) => {
      const title = panel.querySelector(":scope > .tab-title");
      const button = document.createElement("button");
      button.type = "button";
      button.id = `tab-${setNumber}-${number}`;
      button.textContent = title.textContent.trim();
      button.setAttribute("role", "tab");
      panel.id = panel.id || `panel-${setNumber}-${number}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      button.setAttribute("aria-controls", panel.id);
      title.remove();
      list.append(button);
      return button;
    });
    const select = (chosen) => {
      buttons.forEach((button, number) => {
        button.setAttribute("aria-selected", String(number === chosen));
        button.tabIndex = number === chosen ? 0 : -1;
        panels[number].hidden = number !== chosen;
      });
    };
    list.addEventListener("click", (event) => {
      const number = buttons.indexOf(event.target.closest("button"));
      if (number >= 0) select(number);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const number = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      select(number);
      buttons[number].focus();
    });
    set.prepend(list);
    // A link into a hidden tab opens it.
    const reveal = () => {
      const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const number = target ? panels.findIndex((panel) => panel.contains(target)) : -1;
      if (number >= 0) { select(number); target.scrollIntoView(); }
    };
    select(0);
    reveal();
    addEventListener("hashchange", reveal);
  };

  addEventListener("DOMContentLoaded", () => {
    themeButton();
    menuButton();
    document.querySelectorAll(".panel-tabset").forEach(tabs);
  });
})();
