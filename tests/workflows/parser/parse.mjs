// Parses workflows as GitHub does: prints a JSON object of each file's errors and events, by path.
import { readFileSync } from "node:fs";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";

async function main() {
  const answers = {};
  for (const name of process.argv.slice(2)) {
    const { context, value } = parseWorkflow({ name, content: readFileSync(name, "utf8") }, new NoOperationTraceWriter());
    const errors = context.errors.getErrors().map((error) => error.message);
    const template = value && errors.length === 0 ? await convertWorkflowTemplate(context, value) : undefined;
    errors.push(...(template?.errors ?? []).map((error) => error.Message ?? error.message));
    answers[name] = { errors, events: template?.events };
  }
  console.log(JSON.stringify(answers));
}

main();
