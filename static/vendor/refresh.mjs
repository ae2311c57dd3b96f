// Puts the browser assets named in package.json into this folder: node static/vendor/refresh.mjs
//
// Needed only when a version in package.json or the list of icons below changes; the outcome is committed, so that
// nobody needs Node to run Laurel. The lock fixes every byte; packages go to a temporary folder, never beside this file,
// where collectstatic would publish them. Comments that name source maps are cut, because the maps are not here and
// the manifest storage refuses files that point to nothing.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// An icon is in the sprite when a template asks for it: {% include "_icon.html" with name="award" %}
const ICONS = [
  "archive", "arrow-clockwise", "arrow-counterclockwise", "arrow-left", "arrow-right", "arrows-move", "award", "bar-chart", "box-arrow-in-down", "box-arrow-up-right", "building", "calendar-check", "calendar-event",
  "check-circle", "check-lg", "chevron-down", "chevron-left", "chevron-up", "chevron-right", "circle-half", "clipboard", "clock", "clock-history", "coin", "code-slash", "copy",
  "download", "envelope", "envelope-check", "envelope-slash", "exclamation-triangle", "eye", "eye-slash", "file-earmark-arrow-up", "file-earmark-text",
  "funnel", "gear", "globe", "hourglass-split", "house", "image", "inbox", "info-circle", "journal-text", "key", "link-45deg", "linkedin", "list", "list-check", "list-ul", "lock",
  "moon-stars", "palette", "pause-fill", "patch-check", "patch-plus", "pencil", "people", "person", "person-badge", "person-plus", "play-fill", "plug", "plus-lg", "printer", "qr-code", "search", "send", "share",
  "shield-check", "shield-lock", "signpost-split", "slash-circle", "stop-fill", "sun", "three-dots", "ticket-perforated", "trash", "upload", "wallet2", "x-circle", "x-lg",
];

// What the badge designer draws on badges: static/badge_icons/emblems.svg, which the server reads too. Each one has a name and
// words to find it by in badges/services/design_emblems.py.
const EMBLEMS = [
  "airplane-fill", "award-fill", "backpack-fill", "bandaid-fill", "bar-chart-fill", "bicycle", "binoculars-fill", "book-fill",
  "briefcase-fill", "brush-fill", "bug-fill", "building-fill", "bullseye", "calculator-fill", "calendar-check-fill", "camera-fill",
  "chat-quote-fill", "check-circle-fill", "code-slash", "compass-fill", "cpu-fill", "cup-hot-fill", "database-fill", "diagram-3-fill",
  "droplet-fill", "easel-fill", "egg-fried", "fire", "flag-fill", "flask-fill", "flower1", "gear-fill", "gem", "globe-europe-africa-fill",
  "hammer", "hand-thumbs-up-fill", "heart-fill", "heart-pulse-fill", "hospital-fill", "infinity", "journal-bookmark-fill", "key-fill",
  "lightbulb-fill", "lightning-charge-fill", "lock-fill", "map-fill", "megaphone-fill", "mic-fill", "mortarboard-fill", "music-note-beamed",
  "palette-fill", "patch-check-fill", "pen-fill", "pencil-fill", "people-fill", "person-check-fill", "pie-chart-fill", "piggy-bank-fill",
  "puzzle-fill", "recycle", "robot", "rocket-takeoff-fill", "scissors", "shield-fill-check", "signpost-2-fill", "star-fill", "stars",
  "stopwatch-fill", "sun-fill", "terminal-fill", "tools", "translate", "tree-fill", "trophy-fill", "truck-front-fill",
  "universal-access-circle",
];

// What pictures and certificates are written with, on the server: badges/fonts. They are no browser assets, so they stand
// outside of this folder. DroidSansFallback.ttf (Chinese, Japanese, Korean) is not on npm: it is the one of Debian's package
// fonts-droid-fallback 1:6.0.1r16-1.1, unchanged.
const SCRIPTS = [
  "Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer",
  "Lao", "Malayalam", "Myanmar", "Sinhala", "Tamil", "Telugu", "Thai",
];
const DRAWING_FONTS = [
  ["inter/400Regular/Inter_400Regular.ttf", "Inter.ttf"],
  ["inter/600SemiBold/Inter_600SemiBold.ttf", "Inter-SemiBold.ttf"],
  ["inter/LICENSE_FONT", "LICENSE.inter"],
  ["noto-sans-arabic/LICENSE_FONT", "LICENSE.noto"],
  ...SCRIPTS.map((script) => [
    `noto-sans-${script.toLowerCase()}/400Regular/NotoSans${script}_400Regular.ttf`, `NotoSans${script}.ttf`,
  ]),
];

// Of Chart.js only what bar charts need: a page may load 100 kB in all, and the whole of it is 70.
const BAR_CHARTS = `
  import { BarController, BarElement, CategoryScale, Chart, LinearScale } from "chart.js";
  Chart.register(BarController, BarElement, CategoryScale, LinearScale);
  export { Chart };
`;

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

function bundle(contents, globalName, folder, name, licences) {
  const { buildSync } = createRequire(join(packages, "package.json"))("esbuild");
  const built = buildSync({
    stdin: { contents, resolveDir: packages },
    banner: { js: `/*! ${licences} */` },
    bundle: true,
    format: "iife",
    globalName,
    legalComments: "none",
    minify: true,
    target: "es2022",
    write: false,
  });
  mkdirSync(join(here, folder), { recursive: true });
  writeFileSync(join(here, folder, name), built.outputFiles[0].text);
}

function symbol(name) {
  const svg = readFileSync(join(packages, "node_modules/bootstrap-icons/icons", `${name}.svg`), "utf8");
  const [, viewBox, drawing] = svg.match(/viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/);
  return `<symbol id="${name}" viewBox="${viewBox}">${drawing.trim().replace(/>\s+</g, "><")}</symbol>`;
}

function sprite(names, folder, file) {
  mkdirSync(join(here, folder), { recursive: true });
  const symbols = names.map(symbol).join("\n");
  writeFileSync(join(here, folder, file), `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n${symbols}\n</svg>\n`);
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
  copyWithoutSourceMap("htmx.org/dist/htmx.min.js", "htmx", "htmx.min.js");
  copy("htmx.org/LICENSE", "htmx", "LICENSE");
  bundle(
    BAR_CHARTS, "Charts", "chartjs", "bar_charts.min.js",
    "Chart.js (MIT, LICENSE.md) and @kurkle/color (MIT, LICENSE.color.md): the parts of them that draw bar charts",
  );
  copy("chart.js/LICENSE.md", "chartjs", "LICENSE.md");
  copy("@kurkle/color/LICENSE.md", "chartjs", "LICENSE.color.md");
  for (const [from, name] of DRAWING_FONTS) copy(`@expo-google-fonts/${from}`, "../../badges/fonts", name);
  copy("bootstrap-icons/LICENSE", "bootstrap-icons", "LICENSE");
  copy("swagger-ui-dist/swagger-ui-bundle.js", "swagger-ui", "swagger-ui-bundle.js");
  copyWithoutSourceMap("swagger-ui-dist/swagger-ui.css", "swagger-ui", "swagger-ui.css");
  copy("swagger-ui-dist/LICENSE", "swagger-ui", "LICENSE");
  copy("swagger-ui-dist/NOTICE", "swagger-ui", "NOTICE");
  sprite(ICONS, "bootstrap-icons", "icons.svg");
  sprite(EMBLEMS, "../badge_icons", "emblems.svg");
} finally {
  rmSync(packages, { recursive: true, force: true });
}
