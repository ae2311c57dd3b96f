// The editor of a learning path: add, move and remove steps. Without it the numbers and boxes of each step do the same.
(() => {
  "use strict";

  const form = document.querySelector("form[data-path-steps]");
  if (!form) return;
  const list = form.querySelector("[data-steps]");
  const empty = form.querySelector("[data-empty-step]");
  const total = form.querySelector("[name=steps-TOTAL_FORMS]");

  const field = (step, name) => step.querySelector(`[name$="-${name}"]`);
  const living = () => [...list.querySelectorAll("[data-step]")].filter((step) => !("removed" in step.dataset));

  function number() {
    const steps = living();
    steps.forEach((step, index) => {
      step.querySelector("[data-step-number]").textContent = String(index + 1);
      field(step, "ORDER").value = String(index + 1);
      step.querySelector('[data-move="up"]').disabled = index === 0;
      step.querySelector('[data-move="down"]').disabled = index === steps.length - 1;
    });
  }

  function changed() {
    number();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function prepare(step) {
    step.querySelector("[data-step-plain]").hidden = true;
    step.querySelector("[data-step-moves]").hidden = false;
    for (const button of step.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => {
        const steps = living();
        const other = steps[steps.indexOf(step) + (button.dataset.move === "up" ? -1 : 1)];
        if (!other) return;
        if (button.dataset.move === "up") other.before(step);
        else other.after(step);
        changed();
        if (button.disabled) step.querySelector("[data-move]:not(:disabled)")?.focus();
        else button.focus();
      });
    }
    step.querySelector("[data-remove-step]").addEventListener("click", () => {
      const steps = living();
      const next = steps[steps.indexOf(step) + 1] ?? steps[steps.indexOf(step) - 1];
      field(step, "DELETE").checked = true;
      step.dataset.removed = "";
      changed();
      (next?.querySelector("input") ?? form.querySelector("[data-add-step]")).focus();
    });
  }

  function add() {
    const index = Number(total.value);
    const holder = document.createElement("ol");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", String(index));
    const step = holder.firstElementChild;
    list.append(step);
    total.value = String(index + 1);
    prepare(step);
    changed();
    step.querySelector("input").focus();
  }

  list.querySelectorAll("[data-step]").forEach(prepare);
  number();
  const button = form.querySelector("[data-add-step]");
  button.hidden = false;
  button.addEventListener("click", add);
})();
