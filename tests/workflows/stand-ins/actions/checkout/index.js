const { execFileSync } = require("node:child_process");
const { join } = require("node:path");

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

function main() {
  if (input("persist-credentials") !== "false") throw new Error("the input persist-credentials is not false");
  const url = `${process.env.GITHUB_SERVER_URL}/${input("repository")}`;
  const credentials = Buffer.from(`x-access-token:${input("token")}`).toString("base64");
  const header = ["-c", `http.${process.env.GITHUB_SERVER_URL}/.extraheader=Authorization: Basic ${credentials}`];
  const folder = join(process.env.GITHUB_WORKSPACE, input("path"));
  const git = (...args) => execFileSync("git", args, { stdio: "inherit" });
  git("init", "--quiet", folder);
  git(...header, "-C", folder, "fetch", "--quiet", "--depth=1", url, input("ref") || "HEAD");
  git("-C", folder, "checkout", "--quiet", "--detach", "FETCH_HEAD");
}

try {
  main();
} catch (error) {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
}
