// What the pages do beyond HTML: theme, copying, sharing, printing, and the way to a form's errors.
//
// Loaded at the head without defer, so that the theme is known before anything is painted. Every page works without it:
// what needs a script is hidden in the HTML and shown here.
(() => {
  "use strict";

  const THEME_KEY = "laurel-theme";
  const darkScreen = window.matchMedia("(prefers-color-scheme: dark)");

  function rememberedTheme() {
    try {
      const theme = localStorage.getItem(THEME_KEY);
      return theme === "light" || theme === "dark" ? theme : "auto";
    } catch {
      return "auto"; // storage is switched off: the screen's own wish holds
    }
  }

  function rememberTheme(theme) {
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // storage is switched off: the choice holds for this page
    }
  }

  function showTheme(theme) {
    const isDark = theme === "dark" || (theme === "auto" && darkScreen.matches);
    document.documentElement.dataset.bsTheme = isDark ? "dark" : "light";
    const themeColour = document.querySelector('meta[name="theme-color"]');
    if (themeColour) themeColour.content = isDark ? "#141a18" : "#ffffff";
  }

  let theme = rememberedTheme();
  showTheme(theme);
  darkScreen.addEventListener("change", () => showTheme(theme));

  function prepareThemeSwitch(themeSwitch) {
    const buttons = [...themeSwitch.querySelectorAll("[data-theme-choice]")];
    const press = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    };
    for (const button of buttons) {
      button.addEventListener("click", () => {
        theme = button.dataset.themeChoice;
        rememberTheme(theme);
        showTheme(theme);
        press();
      });
    }
    press();
    themeSwitch.hidden = false;
  }

  // <button data-copy="text" data-copied="Copied" hidden>Copy</button>, or data-copy-from="id of the element with the text"
  function prepareCopyButton(button) {
    if (!navigator.clipboard) return;
    const words = button.querySelector("[data-words]") || button;
    const before = words.textContent;
    words.setAttribute("aria-live", "polite");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
      const text = source ? (source.value ?? source.textContent).trim() : button.dataset.copy;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        if (source) window.getSelection().selectAllChildren(source); // refused: at least the text is selected
        return;
      }
      words.textContent = button.dataset.copied || before;
      setTimeout(() => (words.textContent = before), 2000);
    });
  }

  // <button data-share hidden>: the device's own way of sharing the page, where it has one
  function prepareShareButton(button) {
    if (!navigator.share) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const canonical = document.querySelector('link[rel="canonical"]');
      navigator.share({ title: document.title, url: canonical ? canonical.href : location.href }).catch(() => {});
    });
  }

  function preparePrintButton(button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-switch]").forEach(prepareThemeSwitch);
    document.querySelectorAll("[data-copy], [data-copy-from]").forEach(prepareCopyButton);
    document.querySelectorAll("[data-share]").forEach(prepareShareButton);
    document.querySelectorAll("[data-print]").forEach(preparePrintButton);
    const errors = document.querySelector("[data-errors]");
    if (errors) errors.focus();
  });
})();
