const fs = require("node:fs");
const path = require("node:path");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

function main() {
  const store = process.env.TESTBED_ARTIFACTS;
  if (!store) throw new Error("TESTBED_ARTIFACTS names no folder");
  const to = path.resolve(input("path") || ".");
  const name = input("name");
  const all = fs.existsSync(store) ? fs.readdirSync(store) : [];
  if (name && !all.includes(name)) throw new Error(`Unable to download artifact(s): Artifact not found for name: ${name}`);
  const pattern = new RegExp(`^${(input("pattern") || "*").split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join("[^/]*")}$`);
  const chosen = name ? [name] : all.filter((one) => pattern.test(one));
  // As the real action does it: one artifact is not given a folder of its own.
  const merged = input("merge-multiple") === "true" || chosen.length === 1;
  fs.mkdirSync(to, { recursive: true });
  for (const artifact of chosen) fs.cpSync(path.join(store, artifact), merged ? to : path.join(to, artifact), { recursive: true });
  fs.appendFileSync(process.env.GITHUB_OUTPUT, `download-path=${to}\n`);
}

try {
  main();
} catch (error) {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
}
