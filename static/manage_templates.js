// The template editor: rows that come and go without a new page, parts of the type, the colour, errors in folds.
//
// Every button works without it, with a new page. Loaded with defer, after htmx.
(() => {
  "use strict";

  const form = document.getElementById("template_form");
  if (!form) return;

  document.querySelectorAll("[data-only-without-script]").forEach((element) => (element.hidden = true));

  // A row is taken out by ticking its box; it is gone from sight at once, and from the template when that is saved.
  function prepareRow(row) {
    const box = row.querySelector(".row-remove [type=checkbox]");
    if (!box) return;
    const hide = () => {
      row.hidden = box.checked;
    };
    box.addEventListener("change", () => {
      const rows = row.closest("[data-rows]");
      hide();
      if (box.checked) rows.querySelector("button[name=add], button[name=chosen]")?.focus();
    });
    hide();
  }

  // An empty row is there for those without scripts; others are shown it when they ask for one.
  function showBlank(name) {
    const row = document.querySelector(`#${name} [data-blank][hidden]`);
    if (!row) return false;
    row.hidden = false;
    row.querySelector("input:not([type=hidden]), textarea")?.focus();
    return true;
  }

  // Adding a row: the answer is the whole page, of which the list is taken over.
  async function add(button) {
    const name = button.dataset.adds;
    await htmx.ajax("POST", location.href, {
      source: button,
      values: { [button.name]: button.value },
      target: `#${name}`,
      select: `#${name}`,
      swap: "outerHTML",
    });
    const row = [...document.querySelectorAll(`#${name} [data-row]`)].findLast((one) => !one.hidden);
    const wrong = document.querySelector(`#${name} [aria-invalid]`);
    (wrong ?? row?.querySelector("input:not([type=hidden]), textarea"))?.focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function prepare(root) {
    root.querySelectorAll("[data-shown-by-script]").forEach((element) => (element.hidden = false));
    root.querySelectorAll("[data-row]").forEach(prepareRow);
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-adds]");
    if (!button || typeof htmx === "undefined") return;
    event.preventDefault();
    const pasted = button.dataset.adds === "alignments" && (button.name === "chosen" || form.elements.alignments_paste.value.trim());
    if (pasted || !showBlank(button.dataset.adds)) add(button);
  });
  // Two clicks make one template.
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  window.addEventListener("pageshow", () => (isSent = false));
  // Enter in the search of skills searches; it does not save.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "alignment_search") event.preventDefault();
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.matches?.("[data-rows]")) prepare(event.detail.elt);
  });

  // Parts that the chosen type does not ask for are out of the way while they are empty.
  const type = form.elements.type;
  const parts = [...form.querySelectorAll("[data-for-types]")];
  const showParts = () => {
    for (const part of parts) {
      const isAsked = part.dataset.forTypes.split(" ").includes(type.value);
      part.closest(".field").hidden = !isAsked && !part.value && !part.hasAttribute("aria-invalid");
    }
  };
  type.addEventListener("change", showParts);
  showParts();

  // Days are asked for where badges expire after some.
  const days = form.elements.validity_days;
  const showDays = () => {
    days.closest(".field").hidden = form.elements.validity.value !== "days";
  };
  for (const choice of form.elements.validity) choice.addEventListener("change", showDays);
  showDays();

  // The colour can be picked too.
  const colour = form.elements.color_primary;
  const picker = document.getElementById("colour_tool")?.content.firstElementChild.cloneNode(true);
  if (picker) {
    const follow = () => {
      picker.value = /^#[0-9a-f]{6}$/i.test(colour.value) ? colour.value : picker.defaultValue;
    };
    picker.addEventListener("input", () => (colour.value = picker.value.toUpperCase()));
    colour.addEventListener("input", follow);
    const pair = document.createElement("div");
    pair.className = "colour-pair";
    colour.before(pair);
    pair.append(picker, colour);
    follow();
  }

  // What is wrong is in sight, also in a fold.
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.closest("details")?.setAttribute("open", ""));
  prepare(form);
  form.querySelectorAll("[data-blank]").forEach((row) => (row.hidden = true));
})();
