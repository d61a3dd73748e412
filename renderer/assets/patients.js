// One patient in all figures and listings. Pointing at a mark or a row lights what is theirs and says their values; a click, a tap or
// the list below a figure keeps the choice, which stands in the address and goes along to the other chapters. Escape, or the same
// click again, ends it. Marks carry data-patient; a row of a listing begins with the id; what is said are the cells of a row.
"use strict";

(() => {
  const root = document.documentElement;
  const main = document.querySelector("main");
  const name = "patient";
  const isId = (text) => /^(P\d{3,}|R\d{2,})$/.test(text);
  const marks = [...document.querySelectorAll("svg.drawn [data-patient]")];
  const rows = new Map(); // each row of a listing, and whose it is
  for (const row of main.querySelectorAll("tbody tr")) {
    const text = row.cells[0]?.textContent.trim() ?? "";
    if (isId(text)) rows.set(row, text);
  }
  const ids = [...new Set([...marks.map((mark) => mark.dataset.patient), ...rows.values()])].sort();

  // --- what a row says ---------------------------------------------------------------------------------------------

  // Quarto puts a figure into a figure: the outer one has the caption.
  const figureOf = (mark) => {
    let figure = mark.closest("figure");
    while (figure?.parentElement.closest("figure")) figure = figure.parentElement.closest("figure");
    return figure;
  };
  // The row with the folded data comes next to the figure, or to what is round it and nothing else.
  const belowOf = (figure) => {
    let at = figure;
    while (at && at !== main && !at.nextElementSibling) at = at.parentElement;
    const next = at?.nextElementSibling;
    return next?.matches(".provenance") ? next : null;
  };
  const tableOf = (figure) => belowOf(figure)?.querySelector(".figure-data table");
  const rowIn = (table, id) => table && [...rows].find(([row, whose]) => whose === id && table.contains(row))?.[0];
  const rowOf = (id) => {
    const mark = marks.find((each) => each.dataset.patient === id && rowIn(tableOf(figureOf(each)), id));
    return (mark && rowIn(tableOf(figureOf(mark)), id)) ?? [...rows].find(([, whose]) => whose === id)?.[0];
  };
  const values = (row) => {
    const heads = [...(row.closest("table").tHead?.rows ?? [])].at(-1)?.cells ?? [];
    return [...row.cells].slice(1).map((cell, number) => {
      const [head, value] = [heads[number + 1], cell].map((each) => each?.textContent.trim().replace(/\s+/g, " ") ?? "");
      return value && value !== "–" ? `${head ? `${head}: ` : ""}${value}` : "";
    }).filter(Boolean).join("; ");
  };

  // --- light, and words ----------------------------------------------------------------------------------------------

  const box = document.createElement("div");
  box.className = "followed nobody";
  const line = document.createElement("p");
  line.setAttribute("role", "status");
  const end = document.createElement("button");
  end.type = "button";
  end.textContent = "Show everyone";
  box.append(line, end);

  let chosen = null;
  let chosenRow = null;
  let shown = null;
  const show = (id, row) => {
    const said = id === null ? "" : [id, row && values(row)].filter(Boolean).join(": ");
    // An open dialog lies over the page, and only what is in it can be reached.
    const place = document.querySelector("dialog[open]") ?? main;
    if (box.parentElement !== place) place.append(box);
    box.classList.toggle("nobody", id === null);
    end.hidden = chosen === null;
    if (line.textContent !== said) line.textContent = said;
    if (shown === id) return;
    shown = id;
    root.classList.toggle("one-lit", id !== null);
    for (const mark of document.querySelectorAll("svg.drawn [data-patient]")) mark.classList.toggle("lit", mark.dataset.patient === id);
    for (const [each, whose] of rows) each.classList.toggle("lit", whose === id);
  };
  const back = () => show(chosen, chosenRow);

  const choose = (id, row) => {
    chosen = id;
    chosenRow = id === null ? null : row ?? rowOf(id);
    const address = new URL(location.href);
    if (id === null) address.searchParams.delete(name);
    else address.searchParams.set(name, id);
    try { history.replaceState(history.state, "", address); } catch { /* not every browser lets a page from a folder */ }
    for (const [each, whose] of rows) each.querySelector("button.patient")?.setAttribute("aria-pressed", String(whose === id));
    for (const list of document.querySelectorAll(".follow select")) list.value = id ?? "";
    show(id, chosenRow);
  };
  const turn = (id, row) => choose(chosen === id ? null : id, row);

  // --- figures -------------------------------------------------------------------------------------------------------

  // A line is thinner than a finger: the nearest mark counts.
  const near = (event) => {
    const drawing = event.target.closest?.("svg.drawn");
    if (!drawing?.querySelector("[data-patient]")) return null;
    for (const reach of event.pointerType === "touch" ? [0, 5, 10] : [0, 4]) {
      for (const [x, y] of [[0, 0], [0, -1], [0, 1], [-1, 0], [1, 0]]) {
        const mark = document.elementFromPoint(event.clientX + reach * x, event.clientY + reach * y)?.closest("[data-patient]");
        if (mark && drawing.contains(mark)) return mark;
      }
    }
    return null;
  };
  const rowBelow = (mark) => {
    const copied = mark.closest("dialog") ? rowOf(mark.dataset.patient) : null;
    return copied ?? rowIn(tableOf(figureOf(mark)), mark.dataset.patient) ?? rowOf(mark.dataset.patient);
  };
  let over = false;
  addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const mark = near(event);
    const row = mark ? null : event.target.closest?.("tbody tr");
    if (mark) show(mark.dataset.patient, rowBelow(mark));
    else if (rows.has(row)) show(rows.get(row), row);
    else if (over && !box.contains(event.target)) back();
    over = Boolean(mark) || rows.has(row);
  });
  addEventListener("click", (event) => {
    const mark = near(event);
    if (!mark) return;
    event.stopPropagation(); // the picture would open large
    turn(mark.dataset.patient, rowBelow(mark));
  }, true);

  for (const figure of document.querySelectorAll("figure:has([data-patient]):not(figure figure)")) {
    const here = [...new Set([...figure.querySelectorAll("[data-patient]")].map((mark) => mark.dataset.patient))].sort();
    const label = document.createElement("label");
    label.className = "follow";
    const list = document.createElement("select");
    list.append(new Option("everyone", ""), ...here.map((id) => new Option(id)));
    list.addEventListener("change", () => {
      const id = list.value || null;
      choose(id, id && rowIn(tableOf(figure), id));
    });
    label.append("Follow ", list);
    const below = belowOf(figure);
    if (below) below.prepend(label);
    else figure.append(label);
  }

  // --- listings ------------------------------------------------------------------------------------------------------

  // A table is one stop of the keyboard's; arrows go from row to row.
  const ofTable = new Map();
  for (const [row, id] of rows) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "patient";
    button.setAttribute("aria-pressed", "false");
    button.append(...row.cells[0].childNodes);
    row.cells[0].append(button);
    const table = row.closest("table");
    const buttons = ofTable.get(table) ?? ofTable.set(table, []).get(table);
    button.tabIndex = buttons.length ? -1 : 0;
    buttons.push(button);
    button.addEventListener("click", () => turn(id, row));
    button.addEventListener("focus", () => {
      for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
      if (button.matches(":focus-visible")) show(id, row);
    });
    button.addEventListener("blur", back);
    button.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(button);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (!buttons[to]) return;
      event.preventDefault();
      buttons[to].focus();
    });
  }

  // --- the choice ----------------------------------------------------------------------------------------------------

  end.addEventListener("click", () => choose(null));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen !== null && !document.querySelector("dialog[open], :popover-open")) choose(null);
  }, true);
  addEventListener("close", () => { if (!box.isConnected || box.closest("dialog")) back(); }, true);

  // Other pages of this site get the choice in their address, for a folder's pages share nothing else.
  const carry = (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.protocol !== location.protocol || link.host !== location.host || !/(\.html|\/)$/.test(link.pathname)) return;
    if (link.getAttribute("href").startsWith("#")) return;
    const address = new URL(link.href);
    if (chosen === null) address.searchParams.delete(name);
    else address.searchParams.set(name, chosen);
    if (address.href !== link.href) link.href = address.href;
  };
  for (const kind of ["pointerdown", "click"]) addEventListener(kind, carry, true);

  root.classList.remove("one-lit"); // of the page that was here before, in the preview
  main.append(box);
  const wished = new URL(location.href).searchParams.get(name);
  if (wished !== null && isId(wished)) {
    if (ids.includes(wished)) choose(wished);
    else chosen = wished; // nothing of theirs is on this page; the next one may have it
  }
})();
