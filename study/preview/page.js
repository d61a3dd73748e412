// The preview's part of an open page: hears what has changed, puts it in without losing the place, and shows what stands in the way.
// It comes before the page's own scripts, because it ends what these have begun when their page makes room for its next version.
"use strict";

(() => {
  const own = document.currentScript;
  const base = new URL("./", own.src);
  let version = Number(own.dataset.version);

  // --- the page's scripts run anew with each version of it, as after loading; what the former ones listen to ends ------------

  let ending = new AbortController();
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window; // called without one
    const ofThePage = target === window || target === document || target === document.documentElement || target instanceof MediaQueryList;
    if (!ofThePage) return add.call(target, type, listener, options);
    const given = typeof options === "object" && options !== null ? options : { capture: Boolean(options) };
    const signal = given.signal ? AbortSignal.any([given.signal, ending.signal]) : ending.signal;
    return add.call(target, type, listener, { ...given, signal });
  };
  const listen = (target, type, listener, options) => add.call(target, type, listener, options);

  // --- the place ---------------------------------------------------------------------------------------------------------

  const BLOCKS = "article :is(h1, h2, h3, h4, p, li, figure, table, pre, details, .callout)";
  const key = (element) => `${element.tagName} ${element.textContent.trim().slice(0, 400)}`;

  // Blocks in the window, the one at its top first; one of them will most likely be in the next version, too.
  const place = () => {
    const found = [];
    for (const element of document.querySelectorAll(BLOCKS)) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom > 60 && top < innerHeight) found.push([key(element), top]);
      if (found.length > 40) break;
    }
    return { found, x: scrollX, y: scrollY };
  };
  const restore = ({ found, x, y }) => {
    scrollTo({ left: x, top: y, behavior: "instant" });
    if (y === 0) return;
    const there = new Map();
    for (const element of document.querySelectorAll(BLOCKS)) {
      const name = key(element);
      there.set(name, there.has(name) ? null : element);
    }
    for (const [name, top] of found) {
      const element = there.get(name);
      if (!element) continue;
      scrollBy({ left: 0, top: element.getBoundingClientRect().top - top, behavior: "instant" });
      return;
    }
  };

  // What the reader has opened, chosen and typed.
  const look = () => ({
    details: [...document.querySelectorAll("details")].map((element) => element.open),
    tabs: [...document.querySelectorAll("[role=tab]")].map((tab) => tab.getAttribute("aria-selected")),
    focus: [...document.querySelectorAll("a, button, input, summary, [tabindex]")].indexOf(document.activeElement),
    dialog: Boolean(document.querySelector("dialog[open]")),
  });
  const lookAgain = ({ details, tabs, focus }) => {
    const now = [...document.querySelectorAll("details")];
    if (now.length === details.length) now.forEach((element, number) => { element.open = details[number]; });
    const then = [...document.querySelectorAll("[role=tab]")];
    if (then.length === tabs.length) then.forEach((tab, number) => { if (tabs[number] === "true") tab.click(); });
    if (focus >= 0) [...document.querySelectorAll("a, button, input, summary, [tabindex]")][focus]?.focus({ preventScroll: true });
  };

  // --- the next version of this page -----------------------------------------------------------------------------------------

  const path = (url) => decodeURIComponent(new URL(url, location.href).pathname).slice(1);
  const here = () => path(location.href).replace(/(^|\/)$/, "$1index.html");
  const fresh = async (url) => {
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  const renewStyles = (changed) => {
    for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
      if (link.href.startsWith(base.href) || (changed && !changed.has(path(link.href)))) continue;
      const next = link.cloneNode();
      next.href = `${link.href.split("?")[0]}?${version}`;
      next.addEventListener("load", () => link.remove(), { once: true });
      link.after(next);
    }
  };

  // Pictures that are the same stay as they are drawn.
  const keepPictures = (body, changed) => {
    const drawn = new Map([...document.images].map((image) => [image.getAttribute("src").split("?")[0], image]));
    for (const image of body.querySelectorAll("img")) {
      const source = image.getAttribute("src");
      if (source.startsWith("data:")) continue;
      if (changed === null || changed.has(path(image.src = source))) { image.src = `${source}?${version}`; continue; }
      const former = drawn.get(source);
      if (!former) continue;
      drawn.delete(source);
      for (const name of former.getAttributeNames()) if (name !== "src" && !image.hasAttribute(name)) former.removeAttribute(name);
      for (const name of image.getAttributeNames()) if (name !== "src") former.setAttribute(name, image.getAttribute(name));
      image.replaceWith(former);
    }
  };

  const runScripts = async () => {
    for (const script of document.head.querySelectorAll("script[src]")) {
      if (script === own || script.src.startsWith(base.href)) continue;
      const again = document.createElement("script");
      again.async = false;
      again.src = script.src;
      const done = new Promise((resolve) => { again.onload = again.onerror = resolve; });
      script.replaceWith(again);
      await done;
    }
  };

  let swapping = Promise.resolve();
  // changed: the files that are another; null where that is not known.
  const swap = (changed) => {
    swapping = swapping.then(() => swapNow(changed)).catch(() => location.reload());
    return swapping;
  };
  const swapNow = async (changed) => {
    const text = await fresh(location.href.split("#")[0]);
    const next = new DOMParser().parseFromString(text, "text/html");
    if (!next.body.dataset.root || !document.body.dataset.root) { location.reload(); return; }
    renewStyles(changed);
    const before = place(), looks = look();
    if (looks.dialog) document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    keepPictures(next.body, changed);
    ending.abort();
    ending = new AbortController();
    document.title = next.title;
    const body = document.adoptNode(next.body);
    document.documentElement.replaceChild(body, document.body);
    restore(before);
    await runScripts();
    lookAgain(looks);
    restore(before);
    say("");
    document.documentElement.dataset.previewVersion = version;
    document.dispatchEvent(new CustomEvent("study-preview", { detail: { version } }));
  };

  // --- the bar, and what stands in the way -------------------------------------------------------------------------------

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const problems = make("section", { className: "study-preview-problems", hidden: true, tabIndex: 0 });
  problems.setAttribute("role", "alert");
  problems.setAttribute("aria-label", "What stands in the way");
  const said = make("span", { className: "study-preview-said" });
  said.setAttribute("role", "status");
  const products = make("span", { className: "study-preview-bar-products" });
  const bar = make("div", { className: "study-preview-bar" }, said, products);
  const frame = make("div", { className: "study-preview" }, problems, bar);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Preview");
  const NAMES = { pdf: "PDF", docx: "Word" };
  let state = { working: false, problems: [], products: {}, outdated: [] };

  const say = (text) => {
    const outdated = `${state.outdated.join(", ")} changed: start the preview again.`;
    said.textContent = text || (state.working ? "Making the page …" : state.problems.length
      ? "The page is the last good one." : state.outdated.length ? outdated : "Preview: the page follows every change.");
  };

  const show = () => {
    const list = make("ul");
    for (const problem of state.problems) {
      const item = make("li");
      if (problem.file) item.append(make("span", { className: "study-preview-place", textContent: problem.file + (problem.line ? ` line ${problem.line}` : "") }));
      item.append(problem.message);
      list.append(item);
    }
    problems.replaceChildren(make("h2", { textContent: "This stands in the way" }), list);
    problems.hidden = state.problems.length === 0;
    const focused = products.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    products.replaceChildren();
    for (const [name, title] of Object.entries(NAMES)) {
      const product = state.products[name];
      const button = make("button", { type: "button", textContent: product === "making" ? `${title}: being made …` : `Make ${title}` });
      button.dataset.name = name;
      // Not disabled, or the keyboard would lose its place.
      if (product === "making") button.setAttribute("aria-disabled", "true");
      else listen(button, "click", () => fetch(new URL(`make/${name}`, base), { method: "POST" }).catch(() => say("The preview has ended.")));
      if (product && product !== "making") {
        const link = make("a", { href: `/${product}`, textContent: `Open ${title}`, target: "_blank" });
        link.dataset.name = name;
        products.append(link, " ");
      } else products.append(button, " ");
    }
    if (focused) products.querySelector(`[data-name=${focused}]`)?.focus();
    say("");
  };

  // --- hearing -----------------------------------------------------------------------------------------------------------

  let stream = null;
  const hear = () => {
    stream?.close();
    stream = new EventSource(new URL(`events?page=${encodeURIComponent(here())}`, base)); // what is looked at is made first
    listen(stream, "hello", (event) => {
      const now = JSON.parse(event.data).version;
      if (now === version) return;
      version = now; // something was missed, or the preview was started again
      swap(null);
    });
    listen(stream, "state", (event) => { state = JSON.parse(event.data); show(); });
    listen(stream, "changed", (event) => {
      const change = JSON.parse(event.data), files = new Set(change.files);
      version = change.version;
      if (change.files.some((file) => file.endsWith(".js") && !file.endsWith("search-index.js"))) { location.reload(); return; }
      const shown = [...document.images].some((image) => files.has(path(image.src)));
      if (files.has(here()) || shown) swap(files);
      else renewStyles(files);
    });
    listen(stream, "end", () => { stream.close(); say("The preview has ended; this is its last page."); });
    listen(stream, "error", () => say("The preview does not answer."));
  };
  // A page that nobody sees keeps no connection: a browser has few of them for all its pages.
  listen(document, "visibilitychange", () => {
    if (document.hidden) stream?.close();
    else hear();
  });
  listen(window, "pagehide", () => stream?.close());
  listen(document, "DOMContentLoaded", () => {
    document.documentElement.append(frame);
    show();
    if (!document.hidden) hear();
  });
})();
