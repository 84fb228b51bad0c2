// Sets values in files as a user of npm's `yaml` would: usage `peers.cjs <jobs.json>`, where a job is
// {file, document, path, value}. Prints the number of files that could not be edited.
const fs = require("node:fs");
const { parseAllDocuments } = require("yaml");

let failed = 0;
for (const job of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
  try {
    const documents = parseAllDocuments(fs.readFileSync(job.file, "utf8"));
    const document = documents[job.document];
    if (documents.some((document) => document.errors.length > 0) || !document.hasIn(job.path)) throw new Error("no such value");
    document.setIn(job.path, job.value);
    fs.writeFileSync(job.file, documents.map(String).join(""));
  } catch {
    failed += 1;
  }
}
console.log(failed);
