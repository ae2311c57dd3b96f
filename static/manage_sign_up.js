// Signing up: the time zone that the browser knows is chosen beforehand. The form says where somebody has chosen already.
(() => {
  "use strict";

  const select = document.querySelector("select[data-guess-time-zone]");
  if (!select) return;
  const known = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (known && [...select.options].some((option) => option.value === known)) select.value = known;
})();
