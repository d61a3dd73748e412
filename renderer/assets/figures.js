// Figures open large in a dialog. The link is the picture itself for a mouse, a button for the keyboard.
"use strict";

(() => {
  const cross = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15"/></svg>';
  const arrows = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M11.5 4H16v4.5M16 4l-5 5M8.5 16H4v-4.5M4 16l5-5"/></svg>';

  const open = (image, caption) => {
    const dialog = document.createElement("dialog");
    dialog.className = "figure-dialog";
    const bar = document.createElement("div");
    bar.className = "figure-dialog-bar";
    const text = document.createElement("p");
    text.id = "figure-dialog-title";
    text.append(...[...(caption?.cloneNode(true).childNodes ?? [])]);
    text.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    dialog.setAttribute("aria-labelledby", text.id);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close-button";
    close.setAttribute("aria-label", "Close");
    close.innerHTML = cross;
    bar.append(text, close);
    const view = document.createElement("div");
    view.className = "figure-dialog-view";
    view.tabIndex = 0;
    view.setAttribute("role", "group");
    view.setAttribute("aria-label", "The figure");
    const large = image.cloneNode(true);
    // What a drawing refers to in itself has another name in its copy, for no id may stand twice in a page.
    for (const element of [large, ...large.querySelectorAll("*")]) {
      if (element.id) element.id += "-large";
      for (const name of ["href", "clip-path", "fill", "stroke"]) {
        const value = element.getAttribute(name);
        if (value?.includes("#") && !value.startsWith("var(") && !value.startsWith("data:")) {
          element.setAttribute(name, value.replace(/^(#.+|url\(#[^)]+)/, "$1-large"));
        }
      }
    }
    view.append(large);
    dialog.append(bar, view);
    document.querySelector("main").append(dialog);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    close.focus();
  };

  for (const figure of document.querySelectorAll("article figure")) {
    const images = figure.querySelectorAll(":is(img, svg.drawn):not(.narrow)");
    if (images.length !== 1) continue;
    const caption = figure.querySelector("figcaption");
    const name = caption?.querySelector("strong")?.textContent.replace(/:\s*$/, "") ?? "the figure";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    button.setAttribute("aria-label", `Open ${name} large`);
    button.title = "Open large";
    button.innerHTML = arrows;
    figure.append(button);
    for (const element of [button, ...figure.querySelectorAll("img, svg.drawn")]) element.addEventListener("click", () => open(images[0], caption));
  }
})();
