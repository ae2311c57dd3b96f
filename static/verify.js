// The page that verifies badges: a file may be dropped onto the form or pasted, and the button says that it is at work.
//
// Works without it: the form is sent as it is.
(() => {
  "use strict";

  const form = document.querySelector("[data-verify]");
  const file = form.querySelector('input[type="file"]');
  const button = form.querySelector("[data-busy]");
  const words = button.querySelector("[data-words]");
  const before = words.textContent;

  function take(files) {
    if (!files.length) return;
    file.files = files;
    file.focus();
  }

  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("is-dropping");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-dropping"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("is-dropping");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  form.addEventListener("submit", (event) => {
    // A second press would verify it twice.
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    words.textContent = button.dataset.busy;
  });
  // Back from the result the button is as it was.
  window.addEventListener("pageshow", () => {
    button.removeAttribute("aria-disabled");
    words.textContent = before;
  });
})();
