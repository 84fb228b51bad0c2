// Starts the WebAssembly module of the action `version-bump` and is its host: the functions that `core::host::node` imports.
// Nothing here decides anything; no npm package is used. `process.getBuiltinModule` and `import()` work whether or not a
// package.json above says "type": "module".
process.exitCode = 3; // stands if the program never settles

const builtin = (name) => process.getBuiltinModule(`node:${name}`);
const fs = builtin("fs");
const path = builtin("path");
const bytes = (chunk) => new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
const LONGEST_TIMER = 0x7fffffff; // a longer one would fire at once

// An action is over before optimized code pays: making it takes a third of the processor time and fourteen megabytes. The budget is
// eight times the usual one, so that what works for seconds on end is optimized nevertheless.
builtin("v8").setFlagsFromString("--wasm-tiering-budget=100000000");

// Windows would look for programs in the working directory before it looks in PATH.
if (process.platform === "win32") process.env.NoDefaultCurrentDirectoryInExePath = "1";

function fault(kind, message) {
  return Object.assign(new Error(message), { kind });
}

// Looked at before it is opened: opening a pipe that nobody writes to would wait for ever.
function regularFile(file) {
  const stats = fs.statSync(file);
  if (!stats.isFile()) throw fault("unreadable-file", `\`${file}\` is not a regular file`);
  return stats;
}

function attempt(verb, file, operation, otherwise = "io") {
  try {
    return operation();
  } catch (error) {
    if (error.kind) throw error;
    const absent = error.code === "ENOENT" || (error.code === "ENOTDIR" && verb === "read");
    throw fault(absent ? "not-found" : otherwise, `cannot ${verb} \`${file}\`: ${error.message}`);
  }
}

const randomName = () => builtin("crypto").randomBytes(16).toString("hex");

function kindOf(stats) {
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFile()) return "file";
  return stats.isDirectory() ? "directory" : "other";
}

const ERROR_OUTPUT_LIMIT = 64 * 1024;
const LINGER = 1000; // for what a program that has ended leaves in its pipes, when something that it started keeps them open
const RESOLVE_LIMIT = 10_000;
const running = new Set(); // how to end each program that runs
const temporary = new Set(); // the temporary directories that are there

function start(program, args, environment, directory, input, milliseconds) {
  const env = {};
  for (let i = 0; i < environment.length; i += 2) env[environment[i]] = environment[i + 1];
  const windows = process.platform === "win32";
  const child = attempt("start", program, () =>
    builtin("child_process").spawn(program, args, {
      cwd: directory, env, shell: false, windowsHide: true, detached: !windows, stdio: "pipe",
    }),
  );
  let failure;
  let timedOut = false;
  let isBrokenOff = false;
  let errors = Buffer.alloc(0);
  const drop = () => [child.stdin, child.stdout, child.stderr].forEach((pipe) => pipe.destroy());
  const end = () => {
    try {
      // A group of its own, so that what the program started ends with it.
      if (windows) child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
    drop();
  };
  running.add(end);
  const limit = setTimeout(() => {
    timedOut = true;
    end();
  }, Math.min(milliseconds, LONGEST_TIMER));
  let linger;
  const closed = new Promise((resolve) => {
    child.on("error", (error) => {
      try {
        attempt("start", program, () => { throw error; });
      } catch (named) {
        failure = named;
      }
      resolve(null);
    });
    child.on("exit", () => {
      clearTimeout(limit);
      running.delete(end);
      linger = setTimeout(drop, LINGER);
    });
    child.on("close", (code) => resolve(code));
  });
  child.stdin.on("error", () => {}); // a program need not read its input
  child.stdin.end(input);
  child.stderr.on("error", () => {});
  child.stderr.on("data", (chunk) => {
    errors = Buffer.concat([errors, chunk]);
    if (errors.length > ERROR_OUTPUT_LIMIT) errors = errors.subarray(errors.length - ERROR_OUTPUT_LIMIT);
  });
  const output = child.stdout[Symbol.asyncIterator]();
  return {
    end() {
      isBrokenOff = true;
      end();
    },
    async next() {
      try {
        const { value, done } = await output.next();
        return done ? undefined : bytes(value);
      } catch {
        return undefined; // the pipe broke: how the program ended tells why
      }
    },
    async wait() {
      const code = await closed;
      clearTimeout(limit);
      clearTimeout(linger);
      running.delete(end);
      if (failure) throw failure;
      // What a program says that was broken off depends on which of its parts noticed first.
      return { code: isBrokenOff ? undefined : (code ?? undefined), errors: bytes(errors), timedOut };
    },
  };
}

const isSecure = (url) => url.protocol === "https:";
const clientFor = (url) => builtin(isSecure(url) ? "https" : "http");
const bareName = (url) => url.hostname.replace(/^\[|\]$/g, "");

function proxyHeaders({ username, password }) {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

// A connection to the target through the proxy. By hand: not every Node that runs actions can do it.
function tunnel(proxy, target, { signal, ca }) {
  const authority = `${target.hostname}:${target.port || 443}`;
  const headers = { host: authority, ...proxyHeaders(proxy) };
  return new Promise((resolve, reject) => {
    const asked = clientFor(proxy).request({
      host: bareName(proxy), port: proxy.port, method: "CONNECT", path: authority, headers, agent: false, signal, ca,
    });
    asked.on("connect", (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy answered with status ${answer.statusCode}`));
    });
    asked.on("error", reject);
    signal.addEventListener("abort", reject);
    asked.end();
  });
}

function answerOf(client, options, body, bodyLimit) {
  return new Promise((resolve, reject) => {
    const request = client.request(options, (answer) => {
      const chunks = [];
      let length = 0;
      answer.on("error", reject);
      answer.on("data", (chunk) => {
        length += chunk.length;
        if (length > bodyLimit) resolve({ tooLarge: true });
        else chunks.push(chunk);
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode, headers: answer.rawHeaders, body: bytes(Buffer.concat(chunks)) }),
      );
    });
    request.on("error", reject);
    options.signal.addEventListener("abort", reject);
    request.end(body);
  });
}

async function exchange({ method, url, headers, body, addresses, proxy, milliseconds, bodyLimit, authorities }) {
  const target = new URL(url);
  const host = bareName(target);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.min(milliseconds, LONGEST_TIMER));
  const options = {
    protocol: target.protocol, host, port: target.port, path: `${target.pathname}${target.search}`, method,
    headers: Object.create(null), signal: over.signal, maxHeaderSize: 256 * 1024,
  };
  for (let i = 0; i < headers.length; i += 2) (options.headers[headers[i]] ??= []).push(headers[i + 1]);
  try {
    if (authorities) {
      const tls = builtin("tls");
      options.ca = [...(tls.getCACertificates?.("default") ?? tls.rootCertificates), authorities];
    }
    if (!proxy) {
      // Every request has a connection of its own, to the addresses that were checked, whatever the name resolves to by now.
      options.agent = false;
      const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      options.lookup = (_, how, done) =>
        how.all ? done(null, found) : done(null, found[0].address, found[0].family);
    } else if (isSecure(target)) {
      const socket = await tunnel(new URL(proxy), target, options);
      const servername = builtin("net").isIP(host) ? "" : host;
      options.createConnection = () => builtin("tls").connect({ socket, host, servername, ca: options.ca });
    } else {
      const via = new URL(proxy);
      Object.assign(options.headers, { host: target.host }, proxyHeaders(via));
      Object.assign(options, { agent: false, protocol: via.protocol, host: bareName(via), port: via.port });
      options.path = `${target.origin}${options.path}`;
      return await answerOf(clientFor(via), options, body, bodyLimit);
    }
    return await answerOf(clientFor(target), options, body, bodyLimit);
  } catch (error) {
    if (over.signal.aborted) throw fault("timed-out", `\`${host}\` did not answer in time`);
    throw fault("network", `the request to \`${host}\` failed: ${error.message || error.code}`);
  } finally {
    clearTimeout(timer);
    over.abort(); // whatever is still open
  }
}

// Seconds east of UTC of a time zone's clocks at an instant; undefined for a zone that nobody knows.
function zoneOffset(timeZone, milliseconds) {
  let format;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
  } catch {
    return undefined;
  }
  const shown = {};
  for (const { type, value } of format.formatToParts(milliseconds)) shown[type] = value;
  const local = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  return local / 1000 - Math.floor(milliseconds / 1000);
}

let panic;

globalThis.slipway = {
  variable: (name) => process.env[name],
  variables: () => Object.entries(process.env).flat(),
  workingDirectory() {
    try {
      return process.cwd();
    } catch {
      return "."; // it was removed
    }
  },
  monotonic: () => performance.now(),
  zoneOffset,
  random: () => bytes(builtin("crypto").randomBytes(16)),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  panicked: (text) => (panic = text),

  async sleep(milliseconds) {
    for (let left = milliseconds; left > 0; left -= LONGEST_TIMER) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LONGEST_TIMER)));
    }
  },

  read(file, limit) {
    const check = (size) => {
      if (size > limit) throw fault("unreadable-file", `\`${file}\` is larger than ${limit} bytes`);
    };
    const readIt = () => {
      check(regularFile(file).size);
      const content = fs.readFileSync(file);
      check(content.length);
      return bytes(content);
    };
    return attempt("read", file, readIt, "unreadable-file");
  },

  readPart(file, offset, length) {
    const readIt = () => {
      regularFile(file);
      const part = Buffer.alloc(length);
      const open = fs.openSync(file, "r");
      try {
        return bytes(part.subarray(0, fs.readSync(open, part, 0, length, offset)));
      } finally {
        fs.closeSync(open);
      }
    };
    return attempt("read", file, readIt, "unreadable-file");
  },

  writeBeside(file, content) {
    const beside = path.join(path.dirname(file), `.slipway-${randomName()}.tmp`);
    return attempt("write", file, () => {
      try {
        const stats = fs.lstatSync(file, { throwIfNoEntry: false });
        const mode = stats?.isFile() ? stats.mode & 0o7777 : undefined;
        // A read-only file stays as it is: the rename would get round its protection.
        if (mode !== undefined && (mode & 0o222) === 0) throw new Error("the file is read-only");
        const descriptor = fs.openSync(beside, "wx", mode === undefined ? 0o666 : 0o600);
        try {
          if (mode !== undefined) fs.fchmodSync(descriptor, mode);
          fs.writeFileSync(descriptor, content);
          fs.fsyncSync(descriptor);
        } finally {
          fs.closeSync(descriptor);
        }
        return beside;
      } catch (error) {
        fs.rmSync(beside, { force: true });
        throw error;
      }
    });
  },

  rename: (from, to) => attempt("write", to, () => fs.renameSync(from, to)),

  writePrivate: (file, content) =>
    attempt("write", file, () => fs.writeFileSync(file, content, { mode: 0o600, flag: "wx" })),
  append: (file, content) => attempt("append to", file, () => fs.appendFileSync(file, content)),

  entryKind(file) {
    return attempt("look at", file, () => {
      try {
        const stats = fs.lstatSync(file, { throwIfNoEntry: false });
        return stats && kindOf(stats);
      } catch (error) {
        if (["ENOTDIR", "ENAMETOOLONG"].includes(error.code)) return undefined;
        throw error;
      }
    });
  },

  entries: (directory) =>
    attempt("list", directory, () =>
      fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => [entry.name, kindOf(entry)]),
    ),

  temporaryDirectory() {
    const parent = process.env.RUNNER_TEMP || builtin("os").tmpdir();
    return attempt("create", parent, () => {
      fs.mkdirSync(parent, { recursive: true });
      const directory = fs.mkdtempSync(path.join(parent, "slipway-"));
      temporary.add(directory);
      return directory;
    });
  },
  leave: (directory) => void temporary.delete(directory),

  createDirectory: (directory) =>
    attempt("create", directory, () => void fs.mkdirSync(directory, { recursive: true })),
  remove(file) {
    attempt("remove", file, () => fs.rmSync(file, { recursive: true, force: true }));
    temporary.delete(file);
  },

  async resolve(host) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(fault("timed-out", `\`${host}\` was not resolved in time`)), RESOLVE_LIMIT);
    });
    try {
      const found = await Promise.race([builtin("dns").promises.lookup(host, { all: true }), late]);
      return found.map(({ address }) => address);
    } catch (error) {
      throw error.kind ? error : fault("network", `cannot resolve \`${host}\`: ${error.message}`);
    } finally {
      clearTimeout(timer);
    }
  },

  start,
  exchange,
};

let told = false;
let settled = false;

function removeTemporary() {
  for (const directory of temporary) {
    try {
      // A program that was ended may still be writing there.
      fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    } catch {
      // Whoever ended the run is not held up.
    }
  }
}

// Ends everything at once, with one error and the output `json`.
function fail(kind, what) {
  if (told) return;
  told = true;
  for (const end of running) end();
  const message = what.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  try {
    const delimiter = `slipway_${randomName()}`;
    const json = JSON.stringify({ error: { kind, message } });
    const output = process.env.GITHUB_OUTPUT;
    if (fs.statSync(output).isFile()) fs.appendFileSync(output, `json<<${delimiter}\n${json}\n${delimiter}\n`);
  } catch {
    // The log has it all the same.
  }
  process.stdout.write(`::error::${message.replace(/%/g, "%25")}\n`, () => {
    removeTemporary();
    process.exit(3);
  });
}

const REPORT = "this is a defect of Slipway, please report it at https://github.com/slipway-release/slipway/issues";
const defect = (what) => fail("internal", `\`version-bump\` broke down: ${what}. ${REPORT}`);
const thrown = (error) => defect(panic ?? String(error?.stack ?? error).split("\n")[0]);
process.on("uncaughtException", thrown);
process.on("unhandledRejection", thrown);
process.on("beforeExit", () => settled || defect("it waits for something that never comes"));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => fail("cancelled", `the run was ended by ${signal}`));
// Whoever read the log went away: no reason to stop half-way.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

// Where there is `require`, it is faster: `import()` reads the whole file once more to learn what it exports.
Promise.resolve(typeof require === "function" ? require("./version-bump.cjs") : import("./version-bump.cjs"))
  .then((action) => (action.default ?? action).main())
  .then((code) => {
    settled = true;
    process.exitCode = code;
    setTimeout(() => process.exit(), 1000).unref(); // nothing that was left open holds the step up
  })
  .catch(thrown);
