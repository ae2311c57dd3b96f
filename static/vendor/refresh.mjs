// Puts the browser assets named in package.json into this folder: node static/vendor/refresh.mjs
//
// Needed only when a version in package.json or the list of icons below changes; the outcome is committed, so that
// nobody needs Node to run Laurel. The lock fixes every byte; packages go to a temporary folder, never beside this file,
// where collectstatic would publish them. Comments that name source maps are cut, because the maps are not here and
// the manifest storage refuses files that point to nothing.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// An icon is in the sprite when a template asks for it: {% include "_icon.html" with name="award" %}
const ICONS = [
  "arrow-clockwise", "arrow-left", "award", "box-arrow-in-down", "box-arrow-up-right", "building", "calendar-event",
  "check-circle", "check-lg", "chevron-left", "chevron-right", "circle-half", "clipboard", "clock", "code-slash",
  "download", "envelope", "exclamation-triangle", "eye", "eye-slash", "file-earmark-arrow-up", "file-earmark-text",
  "funnel", "gear", "globe", "hourglass-split", "info-circle", "key", "link-45deg", "linkedin", "list", "lock",
  "moon-stars", "patch-check", "pencil", "people", "person", "plus-lg", "printer", "qr-code", "search", "share",
  "shield-check", "signpost-split", "sun", "three-dots", "ticket-perforated", "trash", "wallet2", "x-circle", "x-lg",
];

const here = dirname(fileURLToPath(import.meta.url));
const packages = mkdtempSync(join(tmpdir(), "laurel-assets-"));

function copy(from, folder, name) {
  mkdirSync(join(here, folder), { recursive: true });
  cpSync(join(packages, "node_modules", from), join(here, folder, name));
}

function copyWithoutSourceMap(from, folder, name) {
  const text = readFileSync(join(packages, "node_modules", from), "utf8");
  const withoutSourceMap = text.replace(/\n?(\/\*# sourceMappingURL=[^*]*\*\/|\/\/# sourceMappingURL=.*)\s*$/, "\n");
  mkdirSync(join(here, folder), { recursive: true });
  writeFileSync(join(here, folder, name), withoutSourceMap);
}

function symbol(name) {
  const svg = readFileSync(join(packages, "node_modules/bootstrap-icons/icons", `${name}.svg`), "utf8");
  const [, viewBox, drawing] = svg.match(/viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/);
  return `<symbol id="${name}" viewBox="${viewBox}">${drawing.trim().replace(/>\s+</g, "><")}</symbol>`;
}

try {
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(here, name), join(packages, name));
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: packages, stdio: "inherit" });

  copyWithoutSourceMap("bootstrap/dist/css/bootstrap.min.css", "bootstrap", "bootstrap.min.css");
  copyWithoutSourceMap("bootstrap/dist/js/bootstrap.bundle.min.js", "bootstrap", "bootstrap.bundle.min.js");
  copy("bootstrap/LICENSE", "bootstrap", "LICENSE");
  copy("@popperjs/core/LICENSE.md", "bootstrap", "LICENSE.popper.md");
  for (const subset of ["latin", "latin-ext"])
    copy(`@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`, "inter", `inter-${subset}.woff2`);
  copy("@fontsource-variable/inter/LICENSE", "inter", "LICENSE");
  copy("bootstrap-icons/LICENSE", "bootstrap-icons", "LICENSE");
  const symbols = ICONS.map(symbol).join("\n");
  writeFileSync(
    join(here, "bootstrap-icons", "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n${symbols}\n</svg>\n`,
  );
} finally {
  rmSync(packages, { recursive: true, force: true });
}
