// Pop-overs: footnotes, citations, and where a number comes from. On hover, on focus, and on tap; Escape closes.
// Without it the links lead to the notes, and the numbers have their title.
"use strict";

(() => {
  if (!("popover" in HTMLElement.prototype)) return;
  const main = document.querySelector("main");
  const box = document.createElement("div");
  box.id = "popover";
  box.className = "popover";
  box.popover = "manual";
  main.append(box);

  // The title moves, or the browser would show it beside the pop-over.
  for (const number of main.querySelectorAll(".result[title], .published[title]")) {
    number.dataset.origin = number.title;
    number.removeAttribute("title");
    if (number.matches("a[href]")) continue;
    number.tabIndex = 0;
    number.setAttribute("role", "button");
  }
  // Under Quarto, whose pages show notes and references themselves, of numbers alone.
  const triggers = document.querySelector(".quarto-title-block, #quarto-content") ? "[data-origin]"
    : "a.footnote-ref, .citation a[href^='#ref-'], [data-origin]";

  const link = (href, text) => {
    const line = document.createElement("p");
    const anchor = document.createElement("a");
    anchor.href = href;
    anchor.textContent = text;
    line.append(anchor);
    return line;
  };

  const fill = (trigger) => {
    box.replaceChildren();
    if (trigger.dataset.origin) {
      // What it is and its value; size, basis, method, rows; the ids last.
      const [name, ...rest] = trigger.dataset.origin.split(" · ");
      const ids = rest.pop() ?? "";
      const put = (tag, text) => {
        const line = document.createElement("p");
        line.append(document.createElement(tag));
        line.firstChild.textContent = text;
        box.append(line);
      };
      put("strong", name);
      for (const part of rest) put("span", part);
      if (trigger.matches("a[href]")) box.append(link(trigger.getAttribute("href"), "How this number came about"));
      for (const id of ids.split(" ")) put("code", id);
      return true;
    }
    const target = document.getElementById(decodeURIComponent(trigger.hash.slice(1)));
    if (!target) return false;
    const copy = target.cloneNode(true);
    copy.querySelectorAll(".footnote-back").forEach((element) => element.remove());
    copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    box.append(...copy.childNodes);
    return true;
  };

  // Below the trigger, above it where there is more room; never outside the window, and scrolled where neither is enough.
  const place = (trigger) => {
    const rows = [...trigger.getClientRects()];
    const at = rows[0] ?? trigger.getBoundingClientRect();
    const gap = 6, edge = 8;
    const under = (rows.at(-1) ?? at).bottom + gap;
    const room = { below: innerHeight - edge - under, above: at.top - gap - edge };
    box.style.maxHeight = "";
    const below = box.offsetHeight <= room.below || room.below >= room.above;
    box.style.maxHeight = `${below ? room.below : room.above}px`;
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(edge, Math.min(at.left, document.documentElement.clientWidth - width - edge))}px`;
    box.style.top = `${below ? under : at.top - gap - height}px`;
  };

  let shown = null;
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidePopover();
  };
  const show = (trigger) => {
    clearTimeout(timer);
    if (shown === trigger) return;
    hide();
    if (!fill(trigger)) return;
    shown = trigger;
    trigger.setAttribute("aria-describedby", box.id);
    box.showPopover();
    place(trigger);
  };
  const later = (action, milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
  const triggerOf = (event) => event.target instanceof Element ? event.target.closest(triggers) : null;

  main.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const trigger = triggerOf(event);
    if (trigger) later(() => show(trigger), 120);
    else if (box.contains(event.target)) clearTimeout(timer);
    else if (shown && !shown.matches(":focus-visible")) later(hide, 250);
    else if (!shown) clearTimeout(timer);
  });
  main.addEventListener("pointerleave", () => { if (shown && !shown.matches(":focus-visible")) later(hide, 250); });
  main.addEventListener("focusin", (event) => {
    const trigger = triggerOf(event);
    if (trigger?.matches(":focus-visible")) show(trigger);
    else if (!box.contains(event.target)) hide();
  });
  main.addEventListener("focusout", (event) => {
    if (shown && event.relatedTarget === null && !box.contains(event.target)) later(hide, 100);
  });
  // The first tap shows, the second follows the link. Numbers without a link open on a click or a key.
  main.addEventListener("click", (event) => {
    const trigger = triggerOf(event);
    if (!trigger) return;
    const follows = trigger.matches("a[href]");
    if (follows && event.pointerType !== "touch") { hide(); return; }
    if (follows && shown === trigger) return;
    event.preventDefault();
    show(trigger);
  });
  addEventListener("pointerdown", (event) => {
    if (shown && !box.contains(event.target) && triggerOf(event) !== shown) hide();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.("[data-origin][role='button']")) {
      event.preventDefault();
      show(event.target);
    }
  });
  // The keyboard scrolls to what it reaches: there the pop-over comes along.
  addEventListener("scroll", () => { if (shown?.matches(":focus-visible")) place(shown); else hide(); }, { passive: true });
  addEventListener("resize", hide);
})();
