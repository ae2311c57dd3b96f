// Passkeys: has the device make one, or sign with one, and sends what it answers in the page's form.
//
// <form data-passkey="create | get" data-options="address" data-origin="https://…" hidden> with an input named `passkey` and
// an element [data-words] for what went wrong. Shown only where the browser can do it, at the address that passkeys are for;
// then [data-passkey-missing], which says so, is hidden.
(() => {
  "use strict";

  const encoded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const decoded = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

  // As the methods parse…FromJSON and toJSON of newer browsers do it (WebAuthn Level 3); older ones know passkeys too.
  function readable(options) {
    const read = { ...options, challenge: decoded(options.challenge) };
    if (read.user) read.user = { ...read.user, id: decoded(read.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"])
      if (read[list]) read[list] = read[list].map((one) => ({ ...one, id: decoded(one.id) }));
    return read;
  }

  function written(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[name]) response[name] = encoded(credential.response[name]);
    const id = encoded(credential.rawId);
    return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} });
  }

  class Refused extends Error {}

  async function asked(form) {
    const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    const options = await answer.json();
    if (!answer.ok) throw new Refused(options.message);
    return readable(options.publicKey);
  }

  function reason(error, words) {
    if (error instanceof Refused) return error.message;
    if (error.name === "NotAllowedError" || error.name === "AbortError") return words.stopped;
    return error.name === "InvalidStateError" ? words.there : words.failed;
  }

  function prepare(form) {
    const words = form.querySelector("[data-words]");
    const button = form.querySelector("button[type=submit]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      words.textContent = "";
      try {
        const options = { publicKey: await asked(form) };
        const credentials = navigator.credentials;
        const credential = await (form.dataset.passkey === "create" ? credentials.create(options) : credentials.get(options));
        form.elements.passkey.value = written(credential);
        form.submit(); // asks no listener, so it goes to the server
      } catch (error) {
        words.textContent = reason(error, words.dataset);
        button.disabled = false;
        button.focus();
      }
    });
  }

  const forms = [...document.querySelectorAll("[data-passkey]")];
  const isHere = forms.length > 0 && forms.every((form) => form.dataset.origin === location.origin);
  if (isHere && window.PublicKeyCredential && navigator.credentials) {
    forms.forEach(prepare);
    for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
  }
})();
