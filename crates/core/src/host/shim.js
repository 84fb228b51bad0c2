// Starts the WebAssembly module of the action `__ACTION__` and is its host: the functions that `core::host::node` imports.
// Nothing here decides anything; no npm package is used. `process.getBuiltinModule` and `import()` work whether or not a
// package.json above says "type": "module".
process.exitCode = 3; // stands if the program never settles

const builtin = (name) => process.getBuiltinModule(`node:${name}`);
const fs = builtin("fs");
const path = builtin("path");
const bytes = (chunk) => new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);

function fault(kind, message) {
  return Object.assign(new Error(message), { kind });
}

function fileFault(verb, file, error) {
  return fault(error.code === "ENOENT" ? "not-found" : "io", `cannot ${verb} \`${file}\`: ${error.message}`);
}

function attempt(verb, file, operation) {
  try {
    return operation();
  } catch (error) {
    throw error.kind ? error : fileFault(verb, file, error);
  }
}

const randomName = () => builtin("crypto").randomBytes(16).toString("hex");

function kindOf(stats) {
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFile()) return "file";
  return stats.isDirectory() ? "directory" : "other";
}

const ERROR_OUTPUT_LIMIT = 64 * 1024;

function start(program, args, environment, directory, input, milliseconds) {
  const env = {};
  for (let i = 0; i < environment.length; i += 2) env[environment[i]] = environment[i + 1];
  const windows = process.platform === "win32";
  const child = builtin("child_process").spawn(program, args, {
    cwd: directory, env, shell: false, windowsHide: true, detached: !windows, stdio: "pipe",
  });
  let failure;
  let ended = false;
  let timedOut = false;
  let errors = Buffer.alloc(0);
  const end = () => {
    ended = true;
    try {
      // A group of its own, so that what the program started ends with it.
      if (windows) child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
    // What is left in a pipe that nobody reads would keep it open, and the child from being closed.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, Math.min(milliseconds, 0x7fffffff));
  const closed = new Promise((resolve) => {
    child.on("error", (error) => {
      failure = fileFault("start", program, error);
      resolve(null);
    });
    child.on("exit", (code) => ended && resolve(code));
    child.on("close", (code) => resolve(code));
  });
  child.stdin.on("error", () => {}); // a program need not read its input
  child.stdin.end(input);
  child.stderr.on("data", (chunk) => {
    errors = Buffer.concat([errors, chunk]);
    if (errors.length > ERROR_OUTPUT_LIMIT) errors = errors.subarray(errors.length - ERROR_OUTPUT_LIMIT);
  });
  const output = child.stdout[Symbol.asyncIterator]();
  return {
    end,
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
      clearTimeout(timer);
      if (failure) throw failure;
      return { code: code ?? undefined, errors: bytes(errors), timedOut };
    },
  };
}

function exchange({ method, url, headers, body, addresses, proxy, milliseconds, bodyLimit, authorities }) {
  const target = new URL(url);
  const secure = target.protocol === "https:";
  const client = builtin(secure ? "https" : "http");
  const options = { method, headers: {}, signal: AbortSignal.timeout(Math.min(milliseconds, 0x7fffffff)) };
  for (let i = 0; i < headers.length; i += 2) options.headers[headers[i]] = headers[i + 1];
  if (authorities) options.ca = [...builtin("tls").rootCertificates, authorities];
  if (proxy) {
    options.agent = new client.Agent({ proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
  } else {
    // The connection goes to the addresses that were checked, whatever the name resolves to by now.
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    options.lookup = (_, how, done) =>
      how.all ? done(null, found) : done(null, found[0].address, found[0].family);
  }
  const host = target.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const failed = (error) =>
      reject(
        error.name === "AbortError" || error.name === "TimeoutError"
          ? fault("timed-out", `\`${host}\` did not answer in time`)
          : fault("network", `the request to \`${host}\` failed: ${error.message || error.code}`),
      );
    const request = client.request(target, options, (answer) => {
      const chunks = [];
      let length = 0;
      answer.on("error", failed);
      answer.on("data", (chunk) => {
        length += chunk.length;
        if (length > bodyLimit) {
          resolve({ tooLarge: true });
          answer.destroy();
        } else {
          chunks.push(chunk);
        }
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode, headers: answer.rawHeaders, body: bytes(Buffer.concat(chunks)) }),
      );
    });
    request.on("error", failed);
    request.end(body);
  });
}

let panic;

globalThis.slipway = {
  variable: (name) => process.env[name],
  variables: () => Object.entries(process.env).flat(),
  workingDirectory: () => process.cwd(),
  monotonic: () => performance.now(),
  random: () => bytes(builtin("crypto").randomBytes(16)),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  panicked: (text) => (panic = text),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),

  read(file, limit) {
    return attempt("read", file, () => {
      const stats = fs.statSync(file);
      if (!stats.isFile()) throw fault("unreadable-file", `\`${file}\` is not a regular file`);
      if (stats.size > limit) throw fault("unreadable-file", `\`${file}\` is larger than ${limit} bytes`);
      return bytes(fs.readFileSync(file));
    });
  },

  write(file, content) {
    const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomName()}.tmp`);
    return attempt("write", file, () => {
      try {
        const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode;
        // A read-only file stays as it is: the rename would get round its protection.
        if (mode !== undefined && (mode & 0o222) === 0) throw new Error("the file is read-only");
        fs.writeFileSync(beside, content, { flag: "wx", flush: true });
        if (mode !== undefined) fs.chmodSync(beside, mode & 0o7777);
        fs.renameSync(beside, file);
      } catch (error) {
        fs.rmSync(beside, { force: true });
        throw error;
      }
    });
  },

  append: (file, content) => attempt("append to", file, () => fs.appendFileSync(file, content)),

  entryKind(file) {
    return attempt("look at", file, () => {
      try {
        const stats = fs.lstatSync(file, { throwIfNoEntry: false });
        return stats && kindOf(stats);
      } catch (error) {
        if (error.code === "ENOTDIR") return undefined;
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
      return fs.mkdtempSync(path.join(parent, "slipway-"));
    });
  },

  createDirectory: (directory) =>
    attempt("create", directory, () => void fs.mkdirSync(directory, { recursive: true })),
  remove: (file) => attempt("remove", file, () => fs.rmSync(file, { recursive: true, force: true })),

  async resolve(host) {
    try {
      const found = await builtin("dns").promises.lookup(host, { all: true });
      return found.map(({ address }) => address);
    } catch (error) {
      throw fault("network", `cannot resolve \`${host}\`: ${error.message}`);
    }
  },

  start,
  exchange,
};

let told = false;
function fail(error) {
  if (!told) {
    told = true;
    const text = `defect in __ACTION__: ${panic ?? String(error?.stack ?? error).split("\n")[0]}`;
    const line = text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
    process.stdout.write(`::error title=__ACTION__::${line}\n`, () => process.exit(3));
  }
}
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

import("./__ACTION__.cjs")
  .then(({ default: action }) => action.main())
  .then((code) => (process.exitCode = code))
  .catch(fail);
