/**
 * Bundle every figure into one small file under ../static, and record what it was made from.
 *
 *   npm ci && npm run build
 *
 * static/CHECKSUMS holds a SHA-256 per source and per bundle: a test compares them, so a source edited without a new bundle is
 * noticed also where there is no node.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";

const figures = ["descent_spectrum", "epsilon_dial", "gradient_stream", "nine_and_one", "path_explorer", "quiz", "recorded_run", "spectrum", "sweep_map",
  "translator", "valley_rotation"]; // one .js each
const common = { bundle: true, minify: true, charset: "utf8", target: "es2022", legalComments: "none", logLevel: "warning" };

for (const style of ["figure.css", "quiz.css"]) await bundle(style);
for (const figure of figures) await bundle(figure + ".js", { format: "esm" });
// A classic script, because a browser refuses <script type="module" src> on file://.
await bundle("host.js", { format: "iife", loader: { ".css": "text" } });
await bundle("core.js", { format: "iife", globalName: "core", target: "es2020" });

/** esbuild makes one file of many; terser then finds a few hundred bytes more, which every figure of every page would carry. */
async function bundle(entry, options = {}) {
  const outfile = `../static/${entry}`;
  await build({ ...common, ...options, entryPoints: [entry], outfile });
  if (!entry.endsWith(".js")) return;
  const settings = { module: options.format === "esm", ecma: 2020, compress: { passes: 3, unsafe_arrows: true } };
  const { code } = await minify(readFileSync(outfile, "utf8"), settings);
  writeFileSync(outfile, code + "\n");
}

const sources = readdirSync(".").filter((name) => /\.(m?js|css|json)$/.test(name));
const files = [...sources.map((name) => "js/" + name),
  ...readdirSync("../static").filter((name) => name !== "CHECKSUMS").map((name) => "static/" + name)];
const sum = (file) => createHash("sha256").update(readFileSync("../" + file)).digest("hex");
writeFileSync("../static/CHECKSUMS", files.sort().map((file) => `${sum(file)}  ${file}\n`).join(""));
