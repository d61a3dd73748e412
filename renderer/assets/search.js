// Search over the sections of the report. The index is a script, loaded at the first use: pages opened from a folder
// may not fetch files.
"use strict";

(() => {
  const dialog = document.querySelector("dialog.search");
  const button = document.querySelector(".search-button");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector(".search-found");
  const status = dialog.querySelector(".search-status");
  const up = document.body.dataset.root;
  const most = 12;
  let index = null;

  const load = (name) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${up}/assets/${name}`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${name} is missing`));
    document.head.append(script);
  });

  const ready = async () => {
    if (index) return;
    await Promise.all([load("minisearch.js"), load("search-index.js")]);
    index = new MiniSearch({ fields: ["title", "chapter", "text", "tables"], storeFields: ["title", "chapter", "text", "tables", "href"] });
    index.addAll(window.searchIndex.map((section, id) => ({ id, ...section })));
  };

  const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  // The text around the first word found, with every found word marked.
  const marked = (text, words, length) => {
    const pattern = words.length ? new RegExp(`(?<![\\p{L}\\p{N}])(${words.map(escaped).join("|")})`, "giu") : null;
    const first = pattern ? text.search(pattern) : -1;
    let start = first > length / 3 ? text.indexOf(" ", first - Math.floor(length / 3)) + 1 : 0;
    let part = text.slice(start, start + length);
    if (start + length < text.length) part = `${part.slice(0, part.lastIndexOf(" "))} …`;
    if (start > 0) part = `… ${part}`;
    const out = document.createDocumentFragment();
    for (const [number, piece] of (pattern ? part.split(pattern) : [part]).entries()) {
      if (number % 2) {
        const mark = document.createElement("mark");
        mark.textContent = piece;
        out.append(mark);
      } else out.append(piece);
    }
    return out;
  };

  const line = (className, content) => {
    const element = document.createElement("span");
    element.className = className;
    element.append(content);
    return element;
  };

  const options = { prefix: true, fuzzy: (word) => (word.length > 4 ? 0.2 : false), boost: { title: 4, chapter: 1.5, tables: 0.05 } };
  const search = () => {
    const query = input.value.trim();
    list.replaceChildren();
    if (!query || !index) { status.textContent = ""; return; }
    let found = index.search(query, { ...options, combineWith: "AND" });
    if (!found.length) found = index.search(query, options);
    for (const hit of found.slice(0, most)) {
      const words = Object.keys(hit.match).sort((a, b) => b.length - a.length);
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `${up}/${hit.href}`;
      link.append(line("title", marked(hit.title, words, 200)));
      if (hit.chapter !== hit.title) link.append(line("where", hit.chapter));
      const inText = Object.values(hit.match).some((fields) => fields.includes("text"));
      link.append(line("excerpt", marked(inText || !hit.tables ? hit.text : hit.tables, words, 150)));
      item.append(link);
      list.append(item);
    }
    const more = found.length > most ? `, the best ${most} shown` : "";
    status.textContent = found.length ? `${found.length} ${found.length === 1 ? "section" : "sections"}${more}` : "Nothing found";
  };

  const open = async () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    try { await ready(); } catch (problem) { status.textContent = `The search does not work: ${problem.message}`; return; }
    search();
  };

  button.addEventListener("click", open);
  addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    const asked = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (asked || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      open();
    }
  });
  input.addEventListener("input", search);
  dialog.querySelector(".close-button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    // A section of this very page: the dialog would stay in front of it.
    if (event.target === dialog || event.target.closest(".search-found a")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") dialog.close(); // the field would only be emptied
    else if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? links[at - 1] : input).focus();
    else if (event.key === "Enter" && document.activeElement === input) links[0]?.click();
    else return;
    event.preventDefault();
  });
})();
