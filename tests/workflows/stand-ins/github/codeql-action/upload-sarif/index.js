const fs = require("node:fs");
const path = require("node:path");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

function main() {
  const known = ["SARIF_FILE", "CATEGORY"];
  const unknown = Object.keys(process.env).filter((name) => name.startsWith("INPUT_") && !known.includes(name.slice(6)));
  if (unknown.length > 0) throw new Error(`unknown inputs: ${unknown.join(", ")}`);
  const report = JSON.parse(fs.readFileSync(input("sarif_file"), "utf8"));
  if (report.version !== "2.1.0" || !Array.isArray(report.runs)) throw new Error("Invalid SARIF: it is not of version 2.1.0");
  const to = path.join(process.env.TESTBED_CODE_SCANNING, `${input("category").replaceAll("/", ".")}.sarif`);
  if (fs.existsSync(to)) throw new Error(`the category ${input("category")} was uploaded before`);
  fs.writeFileSync(to, JSON.stringify(report));
}

try {
  main();
} catch (error) {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
}
