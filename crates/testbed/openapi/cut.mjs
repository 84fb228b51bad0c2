// Cuts GitHub's OpenAPI description down to the operations that the stand-in serves, as JSON Schema 2020-12.
//
//     node cut.mjs <directory of @octokit/openapi>
//
// Takes out what only people read; writes `nullable` as JSON Schema does. Everything else stays as GitHub wrote it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OPERATIONS = `
  get    /repos/{owner}/{repo}
  get    /repos/{owner}/{repo}/actions/runs/{run_id}/approvals
  get    /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts
  post   /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches
  get    /repos/{owner}/{repo}/commits
  get    /repos/{owner}/{repo}/commits/{commit_sha}/pulls
  get    /repos/{owner}/{repo}/commits/{ref}
  get    /repos/{owner}/{repo}/compare/{basehead}
  get    /repos/{owner}/{repo}/deployments
  post   /repos/{owner}/{repo}/deployments
  post   /repos/{owner}/{repo}/deployments/{deployment_id}/statuses
  post   /repos/{owner}/{repo}/dispatches
  get    /repos/{owner}/{repo}/git/matching-refs/{ref}
  get    /repos/{owner}/{repo}/git/ref/{ref}
  post   /repos/{owner}/{repo}/git/refs
  patch  /repos/{owner}/{repo}/git/refs/{ref}
  get    /repos/{owner}/{repo}/git/tags/{tag_sha}
  patch  /repos/{owner}/{repo}/issues/comments/{comment_id}
  get    /repos/{owner}/{repo}/issues/{issue_number}/comments
  post   /repos/{owner}/{repo}/issues/{issue_number}/comments
  post   /repos/{owner}/{repo}/issues/{issue_number}/labels
  get    /repos/{owner}/{repo}/pulls
  post   /repos/{owner}/{repo}/pulls
  get    /repos/{owner}/{repo}/pulls/{pull_number}
  patch  /repos/{owner}/{repo}/pulls/{pull_number}
  put    /repos/{owner}/{repo}/pulls/{pull_number}/merge
  get    /repos/{owner}/{repo}/releases
  post   /repos/{owner}/{repo}/releases
  delete /repos/{owner}/{repo}/releases/assets/{asset_id}
  get    /repos/{owner}/{repo}/releases/tags/{tag}
  delete /repos/{owner}/{repo}/releases/{release_id}
  get    /repos/{owner}/{repo}/releases/{release_id}
  patch  /repos/{owner}/{repo}/releases/{release_id}
  post   /repos/{owner}/{repo}/releases/{release_id}/assets
  get    /repos/{owner}/{repo}/tags
`.trim().split("\n").map((line) => line.trim().split(/\s+/));

const FOR_PEOPLE = new Set(["description", "summary", "title", "example", "examples", "externalDocs", "tags", "operationId", "headers"]);

// Inside `properties` the keys are names of properties, whatever they look like.
function cut(value, areNames = false) {
  if (Array.isArray(value)) return value.map((entry) => cut(entry));
  if (value === null || typeof value !== "object") return value;
  const kept = {};
  for (const [key, entry] of Object.entries(value)) {
    if (areNames || !(FOR_PEOPLE.has(key) || key.startsWith("x-"))) kept[key] = cut(entry, !areNames && key === "properties");
  }
  return areNames ? kept : withNull(kept);
}

function withNull({ nullable, ...schema }) {
  if (!nullable) return schema;
  if (typeof schema.type !== "string") return { anyOf: [schema, { type: "null" }] };
  const withNull = { ...schema, type: [schema.type, "null"] };
  if (schema.enum && !schema.enum.includes(null)) withNull.enum = [...schema.enum, null];
  return withNull;
}

const source = process.argv[2];
const { version } = JSON.parse(readFileSync(join(source, "package.json")));
const whole = JSON.parse(readFileSync(join(source, "generated", "api.github.com.json")));
const result = { source: `@octokit/openapi ${version}`, paths: {}, components: {} };
for (const [method, path] of OPERATIONS) (result.paths[path] ??= {})[method] = cut(whole.paths[path][method]);

const pending = ["#/components/schemas/basic-error"];
const collect = (value) => {
  if (value === null || typeof value !== "object") return;
  if (typeof value.$ref === "string") pending.push(value.$ref);
  Object.values(value).forEach(collect);
};
collect(result.paths);
while (pending.length > 0) {
  const [, , kind, name] = pending.pop().split("/");
  const group = (result.components[kind] ??= {});
  if (!(name in group)) collect((group[name] = cut(whole.components[kind][name])));
}
// One line for each operation and each component: small, and a change can be read.
const lines = (group) =>
  Object.keys(group).sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(group[name])}`).join(",\n");
const components = Object.keys(result.components).sort().map((kind) => `${JSON.stringify(kind)}:{\n${lines(result.components[kind])}}`);
const text = `{"source":${JSON.stringify(result.source)},\n"paths":{\n${lines(result.paths)}},\n"components":{\n${components.join(",\n")}}}\n`;
writeFileSync(new URL("github.json", import.meta.url), text);
