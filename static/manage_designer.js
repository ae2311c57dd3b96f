// The badge designer beyond HTML: buttons change the fields without a new page, emblems are found by typing, changes are undone.
//
// Every button works without it, with a new page. Loaded with defer, after htmx and manage.js. What is typed is drawn by the
// server: htmx sends the form after each input.
(() => {
  "use strict";

  const form = document.querySelector("form[data-designer]");
  if (!form || !window.htmx) return;
  const undo = form.querySelector("[data-undo]");
  const fields = () => document.getElementById("design_fields");

  // What the form has now, and what it had before, newest last.
  const past = [];
  let present = "";
  const values = () => {
    const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    return JSON.stringify(pairs);
  };
  const put = (kept) => {
    const entries = JSON.parse(kept);
    for (const field of form.elements) {
      if (!field.name || field.name === "csrfmiddlewaretoken" || field.type === "submit") continue;
      const found = entries.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = found.includes(field.value);
      else field.value = found[0] ?? "";
    }
  };
  const note = () => {
    const now = values();
    if (now === present) return;
    past.push(present);
    if (past.length > 100) past.shift();
    present = now;
    undo.disabled = false;
  };
  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (event.target.closest("[data-emblem-search]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(note, 400); // a word typed is one change
  });
  undo.addEventListener("click", () => {
    clearTimeout(waiting);
    note();
    const before = past.pop();
    if (before === undefined) return;
    present = before;
    put(before);
    undo.disabled = past.length === 0;
    htmx.trigger(form, "input");
  });

  // Ready-made designs, palettes and surprises come as new fields; the rest of the page stays.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-changes]");
    if (!button) return;
    event.preventDefault();
    htmx.ajax("POST", location.href, {
      source: button,
      target: "#design_fields",
      select: "#design_fields",
      swap: "outerHTML",
      values: { ...Object.fromEntries(new FormData(form)), [button.name]: button.value },
    }).then(() => {
      document.getElementById(button.id)?.focus({ preventScroll: true });
      prepareSearch();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  function prepareSearch() {
    const search = fields().querySelector("[data-emblem-search]");
    const none = fields().querySelector("[data-no-emblem]");
    search.hidden = false;
    const input = search.querySelector("input");
    input.addEventListener("input", (event) => {
      event.stopPropagation(); // nothing is drawn anew
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const tile of fields().querySelectorAll("[data-emblem]")) {
        tile.hidden = !tile.dataset.emblem.toLowerCase().includes(wanted);
        shown += tile.hidden ? 0 : 1;
      }
      none.hidden = shown > 0;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  present = values();
  undo.hidden = false;
  form.querySelector("[data-without-script]").hidden = true;
  prepareSearch();
})();
