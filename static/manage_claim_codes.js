// New claim codes: only the fields that go with what was chosen are shown. Without it all are, with words that say when.
(() => {
  "use strict";

  const form = document.querySelector("[data-new-codes]");
  if (!form) return;
  const parts = [...form.querySelectorAll("[data-shown-for]")];
  const show = () => {
    for (const part of parts) {
      const [name, value] = part.dataset.shownFor.split("=");
      part.hidden = form.elements[name].value !== value;
    }
  };
  form.addEventListener("change", show);
  show();
})();
