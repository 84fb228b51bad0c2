// Stands where an action's module stands and answers one call to the host that the shim made: the call is the first argument,
// the answer is one line of standard output.
const calls = {
  async run(host, { program, args, environment, directory, input, milliseconds, stopAfter }) {
    args = args.map((argument) => (typeof argument === "number" ? "x".repeat(argument) : argument));
    const child = host.start(program, args, environment, directory, Buffer.alloc(input, 120), milliseconds);
    let output = 0;
    for (let chunk; (chunk = await child.next()) !== undefined; ) {
      output += chunk.length;
      if (output >= stopAfter) {
        child.end();
        break;
      }
    }
    const { code, errors, timedOut } = await child.wait();
    if (timedOut) throw Object.assign(new Error("time limit"), { kind: "timed-out" });
    return { code: code ?? null, output: Math.min(output, stopAfter), errors: errors.length };
  },
  async exchange(host, { body, headers: sent, ...request }) {
    const asBytes = sent.map((text) => Buffer.from(text).toString("latin1"));
    const answer = await host.exchange({ ...request, headers: asBytes, body: Buffer.from(body) });
    if (answer.tooLarge) throw Object.assign(new Error("too large"), { kind: "network" });
    const headers = {};
    for (let i = 0; i < answer.headers.length; i += 2) {
      const name = answer.headers[i].toLowerCase();
      if (name.startsWith("x-")) headers[name] = Buffer.from(answer.headers[i + 1], "latin1").toString("hex");
    }
    return { status: answer.status, body: answer.body.length, headers };
  },
  read: (host, { path, limit }) => Buffer.from(host.read(path, limit)).toString(),
  readPart: (host, { path, offset, length }) => Buffer.from(host.readPart(path, offset, length)).toString(),
  write(host, { path, content }) {
    const beside = host.writeBeside(path, Buffer.from(content));
    try {
      host.rename(beside, path);
    } catch (error) {
      host.remove(beside);
      throw error;
    }
  },
  append: (host, { path, content }) => void host.append(path, Buffer.from(content)),
  entryKind: (host, { path }) => host.entryKind(path) ?? null,
  entries(host, { path }) {
    const flat = host.entries(path);
    const pairs = [];
    for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]]);
    return pairs.sort();
  },
  createDirectory: (host, { path }) => void host.createDirectory(path),
  remove: (host, { path }) => void host.remove(path),
  panic(host) {
    host.panicked("panicked at src/x.rs:1:2:\n50% of \x1b[31m::error::it");
    throw new WebAssembly.RuntimeError("unreachable");
  },
  throwLater: () => void setTimeout(() => JSON.parse("{"), 1) ?? new Promise(() => setTimeout(() => {}, 5000)),
  never: () => new Promise(() => {}),
  linger: () => void require("node:net").createServer().listen(0, "127.0.0.1"),
  long: async (host, { milliseconds }) => {
    const done = await Promise.race([host.sleep(milliseconds).then(() => "woke"), host.sleep(200).then(() => "sleeps")]);
    console.log(JSON.stringify(done));
    process.exit(0);
  },
};

exports.main = async () => {
  const ask = JSON.parse(process.argv[2]);
  const bare = ["panic", "throwLater", "never"].includes(ask.call);
  let answer;
  try {
    answer = (await calls[ask.call](globalThis.slipway, ask)) ?? null;
  } catch (error) {
    if (bare) throw error;
    answer = { error: error.kind ?? `none: ${error.message}` };
  }
  console.log(JSON.stringify(answer));
  return 0;
};
