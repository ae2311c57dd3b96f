// The organization's settings: the chosen logo is shown before it is sent, and a colour on which white cannot be read is told.
(() => {
  "use strict";

  const picture = document.querySelector("[data-picture]");
  const preview = document.querySelector("[data-picture-preview]");
  if (picture && preview) {
    picture.addEventListener("change", () => {
      const file = picture.files[0];
      if (!file || !file.type.startsWith("image/")) return;
      const reader = new FileReader();
      reader.addEventListener("load", () => {
        const image = preview.querySelector("img") ?? preview.appendChild(document.createElement("img"));
        image.width = image.height = 96;
        image.alt = file.name;
        image.src = reader.result;
      });
      reader.readAsDataURL(file); // the policy allows data:, not blob:
    });
  }

  // WCAG 2.2, relative luminance
  function luminance(colour) {
    const parts = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
    const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  const colour = document.querySelector("[data-colour]");
  const hint = document.querySelector("[data-colour-hint]");
  if (colour && hint) {
    const chooser = document.createElement("input");
    chooser.type = "color";
    chooser.className = "colour-chooser";
    chooser.setAttribute("aria-label", colour.labels[0].textContent.trim());
    colour.after(chooser);
    const isColour = (text) => /^#[0-9a-f]{6}$/i.test(text);
    const show = () => {
      if (isColour(colour.value)) chooser.value = colour.value.toLowerCase();
      hint.hidden = !isColour(colour.value) || 1.05 / (luminance(colour.value) + 0.05) >= 4.5;
    };
    chooser.addEventListener("input", () => {
      colour.value = chooser.value.toUpperCase();
      show();
    });
    colour.addEventListener("input", show);
    if (!isColour(colour.value)) chooser.value = "#1d6b50";
    show();
  }
})();
