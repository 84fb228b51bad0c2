const fs = require("node:fs");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

function main() {
  const known = ["SUBJECT-NAME", "SUBJECT-DIGEST", "SBOM-PATH"];
  const unknown = Object.keys(process.env).filter((name) => name.startsWith("INPUT_") && !known.includes(name.slice(6)));
  if (unknown.length > 0) throw new Error(`unknown inputs: ${unknown.join(", ")}`);
  if (!/^sha256:[0-9a-f]{64}$/.test(input("subject-digest"))) throw new Error("subject-digest must be in the format \"sha256:<hex-digest>\"");
  const bill = JSON.parse(fs.readFileSync(input("sbom-path"), "utf8"));
  const format = bill.spdxVersion ? "spdx" : bill.bomFormat === "CycloneDX" ? "cyclonedx" : undefined;
  if (!format) throw new Error("Unsupported SBOM format");
  const attested = { name: input("subject-name"), digest: input("subject-digest"), format, bill };
  fs.writeFileSync(process.env.TESTBED_ATTESTATION, JSON.stringify(attested), { flag: "wx" });
}

try {
  main();
} catch (error) {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
}
