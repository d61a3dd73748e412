// The frame's few movements: colours, chapters on a phone, contents, links to sections, tabs. All can be read without it.
"use strict";

(() => {
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 56rem)");

  const say = (() => {
    const region = document.createElement("p");
    region.className = "said";
    region.setAttribute("role", "status");
    document.querySelector("main").append(region);
    return (text) => { region.textContent = text; };
  })();

  const themeButton = () => {
    const button = document.querySelector(".theme-button");
    const names = { auto: "as the system", light: "light", dark: "dark" };
    const order = Object.keys(names);
    const show = () => {
      const text = `Colours: ${names[root.dataset.theme ?? "auto"]}`;
      button.setAttribute("aria-label", text);
      button.title = text;
    };
    show();
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(root.dataset.theme ?? "auto") + 1) % order.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      // Storage is closed in some settings; then the choice lasts for the page.
      try { localStorage.setItem("theme", next); } catch { /* see above */ }
      show();
      say(button.title);
    });
  };

  // On a narrow screen the chapters slide in over the page, which is out of reach meanwhile.
  const drawer = () => {
    const button = document.querySelector(".menu-button");
    const sidebar = document.getElementById("sidebar");
    const close = sidebar.querySelector(".sidebar-close");
    const behind = [...document.querySelectorAll("main, .contents, .page-footer, .top-bar, .skip-link")];
    const set = (open) => {
      sidebar.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      for (const element of behind) element.inert = open;
      (open ? sidebar.querySelector("[aria-current]") ?? close : button).focus();
    };
    const isOpen = () => sidebar.classList.contains("open");
    button.addEventListener("click", () => set(true));
    close.addEventListener("click", () => set(false));
    addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen()) set(false); });
    addEventListener("click", (event) => {
      if (isOpen() && !sidebar.contains(event.target) && !button.contains(event.target)) set(false);
    });
    narrow.addEventListener("change", () => { if (isOpen()) set(false); });
  };

  const contents = () => {
    const nav = document.querySelector(".contents");
    if (!nav) return;
    const button = nav.querySelector("button");
    const set = (open) => {
      nav.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => set(!nav.classList.contains("open")));

    const links = [...nav.querySelectorAll("a")];
    const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    links.forEach((link) => link.addEventListener("click", () => set(false)));
    let waiting = false;
    const mark = () => {
      waiting = false;
      const line = innerHeight * 0.25;
      let current = sections.findLastIndex((section) => section && section.getBoundingClientRect().top <= line);
      if (innerHeight + scrollY >= root.scrollHeight - 2 && scrollY > 0) {
        // The last sections of a page never reach the line.
        current = Math.max(current, sections.findLastIndex((section) => section && section.getBoundingClientRect().top < innerHeight));
      }
      links.forEach((link, number) => {
        if (number === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
      if (current >= 0 && nav.scrollHeight > nav.clientHeight) {
        const place = links[current].offsetTop;
        if (place < nav.scrollTop || place > nav.scrollTop + nav.clientHeight - 60) nav.scrollTop = place - nav.clientHeight / 2;
      }
    };
    const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(mark); } };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    mark();
  };

  const sectionLinks = () => {
    for (const heading of document.querySelectorAll("article :is(h2, h3, h4)")) {
      const identifier = heading.id || heading.closest("section")?.id;
      if (!identifier) continue;
      const line = document.createElement("div");
      line.className = "heading-line";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy-link";
      button.title = "Copy a link to this section";
      button.setAttribute("aria-label", `Copy a link to the section ${heading.textContent.trim()}`);
      button.innerHTML = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-.9.9M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l.9-.9"/></svg>';
      heading.replaceWith(line);
      line.append(heading, button);
      button.addEventListener("click", async () => {
        const address = new URL(`#${identifier}`, location.href).href;
        history.replaceState(null, "", address);
        let said = "The link is in the address bar";
        try { await navigator.clipboard.writeText(address); said = "Link copied"; } catch { /* not every page may */ }
        button.title = said;
        say(said);
      });
    }
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

  const letters = () => {
    const { fontFamily } = getComputedStyle(document.body);
    const there = () => root.classList.remove("waiting");
    Promise.all(["400", "600"].map((weight) => document.fonts.load(`${weight} 1rem ${fontFamily}`))).then(there, there);
  };

  letters();
  themeButton();
  drawer();
  contents();
  sectionLinks();
  document.querySelectorAll(".panel-tabset").forEach(tabs);
})();
