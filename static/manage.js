// What the issuers' pages do beyond HTML: choosing rows, warning of unsaved changes, filters that apply when chosen, forms
// that are sent once.
//
// Every page works without it. Loaded with defer, after htmx. Pages with more to do have a script of their own.
(() => {
  "use strict";

  // <form data-unsaved>: leaving with changes that were not sent asks first
  function watchUnsaved(form) {
    let isChanged = form.querySelector("[aria-invalid]") !== null; // what was refused is typed here and saved nowhere
    form.addEventListener("input", () => (isChanged = true));
    form.addEventListener("submit", () => (isChanged = false));
    window.addEventListener("beforeunload", (event) => {
      if (isChanged) event.preventDefault();
    });
  }

  // <form data-list-filters>: a choice applies at once; empty fields stay out of the address
  function prepareFilters(form) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, [type=checkbox], [type=date]")) form.requestSubmit();
    });
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
    });
  }

  // <form data-bulk> with a [data-bulk-bar], [data-bulk-all] and [data-bulk-row]: the bar appears with the first chosen row.
  // Boxes may stand outside the form and name it (form="id"); rows may be put in anew while the page is open.
  function prepareBulk(form) {
    const bar = form.querySelector("[data-bulk-bar]");
    const count = bar?.querySelector("[data-bulk-count]");
    const boxes = (kind) => [...form.elements].filter((box) => box.matches(kind));
    const show = () => {
      const rows = boxes("[data-bulk-row]");
      const chosen = rows.filter((row) => row.checked).length;
      if (bar) bar.hidden = chosen === 0;
      if (count) count.textContent = String(chosen);
      for (const all of boxes("[data-bulk-all]")) {
        all.hidden = false;
        all.checked = chosen > 0 && chosen === rows.length;
        all.indeterminate = chosen > 0 && chosen < rows.length;
      }
    };
    document.addEventListener("change", ({ target }) => {
      if (target.form !== form) return;
      if (target.matches("[data-bulk-all]")) for (const row of boxes("[data-bulk-row]")) row.checked = target.checked;
      show();
    });
    show();
  }

  // <details class="menu">: closes with Escape, with a click elsewhere, and when the focus leaves it
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
  }
  document.addEventListener("click", ({ target }) => closeMenus(target));
  document.addEventListener("focusin", ({ target }) => closeMenus(target));
  document.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape") return;
    target.closest?.("details.menu[open]")?.querySelector("summary").focus();
    closeMenus(null);
  });

  function prepare(root) {
    root.querySelectorAll("form[data-unsaved]").forEach(watchUnsaved);
    root.querySelectorAll("form[data-list-filters]").forEach(prepareFilters);
    root.querySelectorAll("form[data-bulk]").forEach(prepareBulk);
  }

  // A form is sent once, however often its button is clicked; again only when no answer came. Forms that htmx sends are its own.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), 10000);
  });

  prepare(document);
  // What htmx puts into a page is prepared like the page itself.
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) prepare(event.detail.elt.parentElement ?? event.detail.elt);
  });
})();
