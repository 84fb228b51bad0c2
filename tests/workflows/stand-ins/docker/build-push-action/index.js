const { createHash } = require("node:crypto");
const { appendFileSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const lines = (name) => (process.env[`INPUT_${name}`] ?? "").split("\n").filter(Boolean);

function part(mediaType, content) {
  const bytes = Buffer.from(content);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { bytes, described: { mediaType, digest, size: bytes.length } };
}

async function send(method, path, type, bytes) {
  const url = `${process.env.TESTBED_REGISTRY}/v2/${path}`;
  const answer = await fetch(url, { method, headers: { "content-type": type }, body: bytes });
  if (answer.status !== 201) throw new Error(`${method} ${url}: status ${answer.status}: ${await answer.text()}`);
}

async function main() {
  if (process.env.INPUT_PUSH !== "true") throw new Error("the input push is not true");
  const labels = Object.fromEntries(lines("LABELS").map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const version = labels["org.opencontainers.image.version"];
  if (!version) throw new Error("no label names the version");
  const release = { ...JSON.parse(readFileSync(join(process.env.INPUT_CONTEXT || ".", "release.json"), "utf8")), version };
  const layer = part("application/vnd.testbed.payload.v1", JSON.stringify(release));
  const config = part(
    "application/vnd.oci.image.config.v1+json",
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: labels },
      rootfs: { type: "layers", diff_ids: [layer.described.digest] },
    }),
  );
  const manifest = part(
    MANIFEST,
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: config.described, layers: [layer.described] }),
  );
  if (lines("TAGS").length === 0) throw new Error("the input tags is empty");
  for (const tag of lines("TAGS")) {
    const [, repository, name] = tag.match(/^[^/]+\/(.+):([^:/]+)$/) ?? [];
    if (!name) throw new Error(`${tag} is no name of an image with a tag`);
    for (const { bytes, described } of [config, layer]) {
      const path = `${repository}/blobs/uploads/?digest=${described.digest}`;
      await send("POST", path, "application/octet-stream", bytes);
    }
    await send("PUT", `${repository}/manifests/${name}`, MANIFEST, manifest.bytes);
  }
  appendFileSync(process.env.GITHUB_OUTPUT, `digest=${manifest.described.digest}\n`);
}

main().catch((error) => {
  console.log(`::error::${error.message}`);
  process.exitCode = 1;
});
