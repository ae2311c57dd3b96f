// The crop tool: shows the picture that was chosen and lets it be moved and zoomed under a square.
//
// Numbers are sent, and the server cuts; without it the middle is cut out. Loaded with defer.
(() => {
  "use strict";

  const MAX_ZOOM = 8;
  const form = document.querySelector("form[data-crop]");
  if (!form) return;
  const file = form.querySelector("[type=file]");
  const tool = form.querySelector("[data-crop-tool]");
  const stage = form.querySelector("[data-crop-stage]");
  const picture = form.querySelector("[data-crop-picture]");
  const range = form.querySelector("[data-crop-range]");
  const says = form.querySelector("[data-crop-says]");
  const hidden = (name) => form.elements.namedItem(name);

  // The middle of the square in the picture, in its pixels, and how many times the largest square is enlarged.
  let x = 0, y = 0, zoom = 1;
  const shorter = () => Math.min(picture.naturalWidth, picture.naturalHeight);
  const side = () => shorter() / zoom;
  const limited = (value, low, high) => Math.min(Math.max(value, low), high);
  const share = (place, whole) => (whole > side() ? (place - side() / 2) / (whole - side()) : 0.5);
  const percent = (value) => String(Math.round(value * 100));

  function show() {
    const half = side() / 2;
    x = limited(x, half, picture.naturalWidth - half);
    y = limited(y, half, picture.naturalHeight - half);
    const scale = stage.clientWidth / side();
    picture.style.transform = `translate(${-(x - half) * scale}px, ${-(y - half) * scale}px) scale(${scale})`;
    range.value = String((100 * Math.log(zoom)) / Math.log(MAX_ZOOM));
    const left = share(x, picture.naturalWidth);
    const top = share(y, picture.naturalHeight);
    hidden("left").value = left.toFixed(4);
    hidden("top").value = top.toFixed(4);
    hidden("size").value = (1 / zoom).toFixed(4);
    says.textContent = says.dataset.words
      .replace("%(zoom)s", percent(zoom)).replace("%(left)s", percent(left)).replace("%(top)s", percent(top));
  }
  function zoomTo(value) {
    zoom = limited(value, 1, MAX_ZOOM);
    show();
  }
  function isWhole() {
    return form.querySelector("[name=square]:checked")?.value === "whole";
  }

  file.addEventListener("change", () => {
    tool.hidden = true;
    for (const name of ["left", "top", "size"]) hidden(name).value = "";
    const chosen = file.files[0];
    if (!chosen || chosen.type === "image/svg+xml" || !chosen.type.startsWith("image/")) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => (picture.src = reader.result));
    reader.readAsDataURL(chosen);
  });
  picture.addEventListener("load", () => {
    tool.hidden = isWhole();
    x = picture.naturalWidth / 2;
    y = picture.naturalHeight / 2;
    zoom = 1;
    show();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "square" || !picture.naturalWidth) return;
    tool.hidden = isWhole();
    if (!tool.hidden) show();
  });

  const fingers = new Map();
  let apart = 0;
  const distance = () => {
    const [one, two] = [...fingers.values()];
    return Math.hypot(one.x - two.x, one.y - two.y);
  };
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) apart = distance();
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) {
      const scale = side() / stage.clientWidth;
      x -= (event.clientX - before.x) * scale;
      y -= (event.clientY - before.y) * scale;
      show();
    } else if (fingers.size === 2) {
      const now = distance();
      zoomTo((zoom * now) / apart);
      apart = now;
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const step = side() / (event.shiftKey ? 5 : 40);
    const acts = {
      ArrowLeft: () => (x -= step),
      ArrowRight: () => (x += step),
      ArrowUp: () => (y -= step),
      ArrowDown: () => (y += step),
      "+": () => (zoom = limited(zoom * 1.1, 1, MAX_ZOOM)),
      "=": () => (zoom = limited(zoom * 1.1, 1, MAX_ZOOM)),
      "-": () => (zoom = limited(zoom / 1.1, 1, MAX_ZOOM)),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
    show();
  });
  range.addEventListener("input", () => zoomTo(MAX_ZOOM ** (Number(range.value) / 100)));
  for (const button of form.querySelectorAll("[data-crop-zoom]")) {
    button.addEventListener("click", () => zoomTo(zoom * (button.dataset.cropZoom === "1" ? 1.2 : 1 / 1.2)));
  }
  window.addEventListener("resize", () => {
    if (!tool.hidden) show();
  });
})();
