// The pages of earners beyond HTML: forms in the place of what they change, the name of a new list where one is made.
//
// Every page works without it. Loaded with defer, after htmx and manage.js.
(() => {
  "use strict";

  // What was refused comes as a form with its errors, and is shown like any other answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 400) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // The keyboard goes on where something was put in: at the first error, the first field, or what was saved.
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    const form = root.matches?.("[data-focus-first]") ? root : root.querySelector?.("[data-focus-first]");
    const field = form?.querySelector('[aria-invalid="true"]') ?? form?.querySelector("input:not([type=hidden])");
    const saved = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
    (field ?? saved)?.focus();
  });

  // A choice of columns is read at once while htmx is there, so the button for it is not needed.
  const columns = document.getElementById("columns");
  if (columns && window.htmx) document.documentElement.classList.add("reads-at-once");

  // The name of a new list is asked for only where a new one is made.
  const name = document.querySelector("[data-new-list]");
  const list = document.getElementById("id_earners_list");
  if (name && list) {
    const show = () => (name.hidden = list.value !== "");
    list.addEventListener("change", show);
    show();
  }
})();
