const { appendFileSync } = require("node:fs");

for (const name of ["path", "key"]) {
  if (!(process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim()) {
    console.log(`::error::the input ${name} is empty`);
    process.exitCode = 1;
  }
}
appendFileSync(process.env.GITHUB_OUTPUT, "cache-hit=false\n");
