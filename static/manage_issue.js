// What the pages of issuing do beyond HTML: count pasted lines, show the moment only for what starts later, say that it works.
//
// Every page works without it. Loaded with defer.
(() => {
  "use strict";

  // [data-line-count] below a textarea: how many lines have an address
  const count = document.querySelector("[data-line-count]");
  const area = count?.closest("form").querySelector("textarea");
  if (count && area) {
    let waiting = 0;
    const show = () => {
      const lines = area.value.split("\n").filter((line) => line.includes("@")).length;
      count.hidden = lines === 0;
      count.textContent =
        lines === 1 ? count.dataset.one : count.dataset.many.replace("%(count)s", lines.toLocaleString(document.documentElement.lang));
    };
    area.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 200);
    });
    show();
  }

  // [data-when-later]: shown when "later" is chosen
  const later = document.querySelector("[data-when-later]");
  if (later) {
    const choices = document.querySelectorAll("[name=when]");
    const show = () => {
      later.hidden = ![...choices].some((choice) => choice.checked && choice.value === "later");
    };
    choices.forEach((choice) => choice.addEventListener("change", show));
    show();
  }

  // <form data-busy>: sent once; its button says that it works. The server takes a second one for the first anyway.
  document.querySelectorAll("form[data-busy]").forEach((form) => {
    const button = form.querySelector("[data-busy-words]");
    const words = button?.innerHTML;
    form.addEventListener("submit", (event) => {
      if (form.dataset.busy === "sent") return event.preventDefault();
      form.dataset.busy = "sent";
      if (button) button.textContent = button.dataset.busyWords;
    });
    // Back again by the browser's history: as it was.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      form.dataset.busy = "";
      if (button) button.innerHTML = words;
    });
  });
})();
