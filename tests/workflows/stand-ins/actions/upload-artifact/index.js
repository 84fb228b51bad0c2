const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

// Below the deepest folder that all files have in common, as the real action does it.
function commonFolder(files) {
  const parts = files.map((file) => path.dirname(file).split(path.sep));
  const [first] = parts;
  let depth = 0;
  while (depth < first.length && parts.every((folders) => folders[depth] === first[depth])) depth += 1;
  return first.slice(0, depth).join(path.sep);
}

function filesOf(pattern) {
  return fs.globSync(pattern).flatMap((found) => {
    if (!fs.statSync(found).isDirectory()) return [found];
    return fs.readdirSync(found, { recursive: true }).map((name) => path.join(found, name)).filter((file) => fs.statSync(file).isFile());
  });
}

function main() {
  const name = input("name");
  if (!/^[^\\/:*?"<>|\r\n]+$/.test(name)) throw new Error(`the artifact's name ${JSON.stringify(name)} is not allowed`);
  const patterns = input("path").split("\n").map((line) => line.trim()).filter(Boolean);
  if (patterns.length === 0) throw new Error("the input path is empty");
  const excluded = new Set(patterns.filter((line) => line.startsWith("!")).flatMap((line) => filesOf(line.slice(1))).map((file) => path.resolve(file)));
  const hidden = input("include-hidden-files") === "true";
  const files = patterns
    .filter((line) => !line.startsWith("!"))
    .flatMap(filesOf)
    .map((file) => path.resolve(file))
    .filter((file) => !excluded.has(file) && (hidden || !file.split(path.sep).some((part) => part.startsWith("."))));
  if (files.length === 0) {
    const text = `No files were found with the provided path: ${patterns.join(", ")}. No artifacts will be uploaded.`;
    if (input("if-no-files-found") === "error") throw new Error(text);
    console.log(`::${input("if-no-files-found") === "ignore" ? "debug" : "warning"}::${text}`);
    return;
  }
  const folder = path.join(process.env.TESTBED_ARTIFACTS, name);
  if (fs.existsSync(folder)) {
    if (input("overwrite") !== "true") throw new Error(`an artifact with the name ${name} already exists on the workflow run`);
    fs.rmSync(folder, { recursive: true });
  }
  const common = commonFolder(files);
  const hash = createHash("sha256");
  for (const file of [...new Set(files)].sort()) {
    const to = path.join(folder, path.relative(common, file));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(file, to);
    hash.update(`${path.relative(common, file)}\0`).update(fs.readFileSync(file));
  }
  const outputs = { "artifact-id": 1, "artifact-url": `${process.env.GITHUB_SERVER_URL}/${process.env.GITHUB_REPOSITORY}/actions/runs/1/artifacts/1`, "artifact-digest": hash.digest("hex") };
  for (const [key, value] of Object.entries(outputs)) fs.appendFileSync(process.env.GITHUB_OUTPUT, `${key}=${value}\n`);
}

try {
  if (!process.env.TESTBED_ARTIFACTS) throw new Error("TESTBED_ARTIFACTS names no folder");
  main();
} catch (error) {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
}
