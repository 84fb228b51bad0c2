
/**
 * Runs the action and gives its exit code.
 * @returns {Promise<number>}
 */
function main() {
const ret = wasm.main();
return ret;
}
exports.main = main;
function __wbg_get_imports() {
            const import0 = {
            __proto__: null,
        __wbg___wbindgen_debug_string_f249a2a76caa9a55: function(arg0, arg1) {
const ret = debugString(arg1);
const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
const len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
},
__wbg___wbindgen_is_falsy_d864b623500ae65d: function(arg0) {
const ret = !arg0;
return ret;
},
__wbg___wbindgen_is_function_741ff2bb612836f5: function(arg0) {
const ret = typeof(arg0) === 'function';
return ret;
},
__wbg___wbindgen_is_undefined_be5b34249ff1fc15: function(arg0) {
const ret = arg0 === undefined;
return ret;
},
__wbg___wbindgen_number_get_934b640d0889af78: function(arg0, arg1) {
const obj = arg1;
const ret = typeof(obj) === 'number' ? obj : undefined;
getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
},
__wbg___wbindgen_string_get_7ce8eee7fd327545: function(arg0, arg1) {
const obj = arg1;
const ret = typeof(obj) === 'string' ? obj : undefined;
var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
var len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
},
__wbg___wbindgen_throw_4c88d8bf264fd984: function(arg0, arg1) {
throw new Error(getStringFromWasm0(arg0, arg1));
},
__wbg__wbg_cb_unref_09736879a3f67559: function(arg0) {
arg0._wbg_cb_unref();
},
__wbg_append_22a84b05c068ac78: function() { return handleError(function (arg0, arg1, arg2, arg3) {
slipway.append(getStringFromWasm0(arg0, arg1), getArrayU8FromWasm0(arg2, arg3));
}, arguments); },
__wbg_call_a410eb4b59ed5965: function() { return handleError(function (arg0, arg1, arg2) {
const ret = arg0.call(arg1, arg2);
return ret;
}, arguments); },
__wbg_end_d7a67c378c9d30b5: function(arg0) {
arg0.end();
},
__wbg_entries_0818935c2990687d: function() { return handleError(function (arg0, arg1) {
const ret = slipway.entries(getStringFromWasm0(arg0, arg1));
return ret;
}, arguments); },
__wbg_entryKind_c0982bff8f3a314f: function() { return handleError(function (arg0, arg1, arg2) {
const ret = slipway.entryKind(getStringFromWasm0(arg1, arg2));
var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
var len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
}, arguments); },
__wbg_exchange_b5c4ee4bfc412624: function() { return handleError(function (arg0) {
const ret = slipway.exchange(arg0);
return ret;
}, arguments); },
__wbg_from_eac91875c8a5ffa4: function(arg0) {
const ret = Array.from(arg0);
return ret;
},
__wbg_get_2080c49015e35254: function() { return handleError(function (arg0, arg1) {
const ret = Reflect.get(arg0, arg1);
return ret;
}, arguments); },
__wbg_get_unchecked_e6325ad374eff861: function(arg0, arg1) {
const ret = arg0[arg1 >>> 0];
return ret;
},
__wbg_leave_e0eaa7d235923c82: function(arg0, arg1) {
slipway.leave(getStringFromWasm0(arg0, arg1));
},
__wbg_length_186163212ffe79c3: function(arg0) {
const ret = arg0.length;
return ret;
},
__wbg_length_b03a0fabb109b1e9: function(arg0) {
const ret = arg0.length;
return ret;
},
__wbg_monotonic_d33ed82b3cdd1cc7: function() {
const ret = slipway.monotonic();
return ret;
},
__wbg_new_13de428334042d26: function(arg0) {
const ret = new Uint8Array(arg0);
return ret;
},
__wbg_new_37eb45aaf5eeb820: function() {
const ret = new Array();
return ret;
},
__wbg_new_cd4348290afae586: function() {
const ret = new Object();
return ret;
},
__wbg_new_from_slice_b8daf545a41c6aa0: function(arg0, arg1) {
const ret = new Uint8Array(getArrayU8FromWasm0(arg0, arg1));
return ret;
},
__wbg_new_typed_e09da9dae6ee5935: function(arg0, arg1) {
try {
var state0 = {a: arg0, b: arg1};
var cb0 = (arg0, arg1) => {
const a = state0.a;
state0.a = 0;
try {
return wasm_bindgen__convert__closures_____invoke__h4fd1b8c8cad28d2d(a, state0.b, arg0, arg1);
} finally {
state0.a = a;
}
};
const ret = new Promise(cb0);
return ret;
} finally {
state0.a = 0;
}
},
__wbg_next_0f5f4e47a5ea8655: function() { return handleError(function (arg0) {
const ret = arg0.next();
return ret;
}, arguments); },
__wbg_now_463ac581d2fc7ea3: function() {
const ret = Date.now();
return ret;
},
__wbg_panicked_aed48771f96c3ec4: function(arg0, arg1) {
slipway.panicked(getStringFromWasm0(arg0, arg1));
},
__wbg_printError_eb0311fd18b5c7a8: function(arg0, arg1) {
slipway.printError(getStringFromWasm0(arg0, arg1));
},
__wbg_print_2a27205fa35e31ca: function(arg0, arg1) {
slipway.print(getStringFromWasm0(arg0, arg1));
},
__wbg_prototypesetcall_13162965d1fe7aa3: function(arg0, arg1, arg2) {
Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
},
__wbg_push_c9f4893fc209f768: function(arg0, arg1) {
const ret = arg0.push(arg1);
return ret;
},
__wbg_queueMicrotask_1e8503a8a690f0a3: function(arg0) {
const ret = arg0.queueMicrotask;
return ret;
},
__wbg_queueMicrotask_4a1a4d8dd332373b: function(arg0) {
queueMicrotask(arg0);
},
__wbg_random_3526668fba1ef37d: function() {
const ret = slipway.random();
return ret;
},
__wbg_read_b24f25f1b48b4bf4: function() { return handleError(function (arg0, arg1, arg2) {
const ret = slipway.read(getStringFromWasm0(arg0, arg1), arg2);
return ret;
}, arguments); },
__wbg_remove_93644c0de4b9ede3: function() { return handleError(function (arg0, arg1) {
slipway.remove(getStringFromWasm0(arg0, arg1));
}, arguments); },
__wbg_rename_a3432e8a1cd47060: function() { return handleError(function (arg0, arg1, arg2, arg3) {
slipway.rename(getStringFromWasm0(arg0, arg1), getStringFromWasm0(arg2, arg3));
}, arguments); },
__wbg_resolve_dbf78ab4942478b0: function(arg0) {
const ret = Promise.resolve(arg0);
return ret;
},
__wbg_resolve_fb0465a676ca267c: function() { return handleError(function (arg0, arg1) {
const ret = slipway.resolve(getStringFromWasm0(arg0, arg1));
return ret;
}, arguments); },
__wbg_set_2793479888329cb6: function() { return handleError(function (arg0, arg1, arg2) {
const ret = Reflect.set(arg0, arg1, arg2);
return ret;
}, arguments); },
__wbg_sleep_de2131e7cdd93538: function() { return handleError(function (arg0) {
const ret = slipway.sleep(arg0);
return ret;
}, arguments); },
__wbg_start_648dd1a1f21be8da: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8) {
const ret = slipway.start(getStringFromWasm0(arg0, arg1), arg2, arg3, getStringFromWasm0(arg4, arg5), getArrayU8FromWasm0(arg6, arg7), arg8);
return ret;
}, arguments); },
__wbg_static_accessor_GLOBAL_THIS_003ee833af9699fc: function() {
const ret = typeof globalThis === 'undefined' ? undefined : globalThis;
return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
},
__wbg_static_accessor_GLOBAL_e4293fb22cbe77da: function() {
const ret = typeof global === 'undefined' ? undefined : global;
return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
},
__wbg_static_accessor_SELF_53bb20457401453d: function() {
const ret = typeof self === 'undefined' ? undefined : self;
return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
},
__wbg_static_accessor_WINDOW_b5e0810bfecb7feb: function() {
const ret = typeof window === 'undefined' ? undefined : window;
return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
},
__wbg_temporaryDirectory_1e355d830a587cf6: function() { return handleError(function (arg0) {
const ret = slipway.temporaryDirectory();
const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
const len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
}, arguments); },
__wbg_then_656f253a5dd7d8ea: function(arg0, arg1, arg2) {
const ret = arg0.then(arg1, arg2);
return ret;
},
__wbg_then_e3f7f2d365708be8: function(arg0, arg1) {
const ret = arg0.then(arg1);
return ret;
},
__wbg_variable_74be93792e21e04c: function(arg0, arg1, arg2) {
const ret = slipway.variable(getStringFromWasm0(arg1, arg2));
var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
var len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
},
__wbg_variables_a2664240d9c38276: function() {
const ret = slipway.variables();
return ret;
},
__wbg_wait_7c479020e03c206a: function() { return handleError(function (arg0) {
const ret = arg0.wait();
return ret;
}, arguments); },
__wbg_workingDirectory_acb65cd202db00af: function(arg0) {
const ret = slipway.workingDirectory();
const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
const len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
},
__wbg_writeBeside_1497b1e39762e0fd: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4) {
const ret = slipway.writeBeside(getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
const len1 = WASM_VECTOR_LEN;
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
}, arguments); },
__wbg_writePrivate_acc818c6512dc8c2: function() { return handleError(function (arg0, arg1, arg2, arg3) {
slipway.writePrivate(getStringFromWasm0(arg0, arg1), getArrayU8FromWasm0(arg2, arg3));
}, arguments); },
__wbg_zoneOffset_1704945209542923: function() { return handleError(function (arg0, arg1, arg2, arg3) {
const ret = slipway.zoneOffset(getStringFromWasm0(arg1, arg2), arg3);
getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
}, arguments); },
__wbindgen_generic_0000000000000001: function(arg0, arg1) {
// Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 89, ret: Result(Unit), inner_ret: Some(Result(Unit)) }, mutable: true }) -> Externref`.
const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__ha967df532b0ad2e2);
return ret;
},
__wbindgen_generic_0000000000000002: function(arg0) {
// Cast intrinsic for `F64 -> Externref`.
const ret = arg0;
return ret;
},
__wbindgen_generic_0000000000000003: function(arg0, arg1) {
// Cast intrinsic for `Ref(String) -> Externref`.
const ret = getStringFromWasm0(arg0, arg1);
return ret;
},
__wbindgen_init_externref_table: function() {
const table = wasm.__wbindgen_externrefs;
table.set(0, undefined);
table.set(1024, undefined);
table.set(1025, null);
table.set(1026, true);
table.set(1027, false);
},
};
        return {
            __proto__: null,
            "./config-updater_bg.js": import0,
        };
}

function wasm_bindgen__convert__closures_____invoke__ha967df532b0ad2e2(arg0, arg1, arg2) {
const ret = wasm.wasm_bindgen__convert__closures_____invoke__ha967df532b0ad2e2(arg0, arg1, arg2);
if (ret[1]) {
throw takeFromExternrefTable0(ret[0]);
}
}

function wasm_bindgen__convert__closures_____invoke__h4fd1b8c8cad28d2d(arg0, arg1, arg2, arg3) {
wasm.wasm_bindgen__convert__closures_____invoke__h4fd1b8c8cad28d2d(arg0, arg1, arg2, arg3);
}

function addToExternrefTable0(obj) {
                    const idx = wasm.__externref_table_alloc();
                    wasm.__wbindgen_externrefs.set(idx, obj);
                    return idx;
                }

const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
                        ? { register: () => {}, unregister: () => {} }
                        : new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b));

function debugString(val) {
                switch (typeof val) {
                    // primitive types
                    case 'number':
                    case 'boolean':
                    case 'undefined':
                        return `${val}`;
                    case 'string':
                        return JSON.stringify(val);
                    case 'bigint':
                        return `${val}n`;
                    case 'symbol':
                        return val.description !== undefined
                            ? `Symbol(${val.description})`
                            : 'Symbol';
                    case 'function':
                        return typeof val.name === 'string' && val.name !== ''
                            ? `Function(${val.name})`
                            : 'Function';
                    case 'object': {
                        if (val === null) {
                            return 'null';
                        }
                        // objects
                        if (Array.isArray(val)) {
                            return '[' + Array.from(val, debugString).join(', ') + ']';
                        }
                        // errors
                        if (val instanceof Error) {
                            return `${val.name}: ${val.message}\n${val.stack}`;
                        }

                        const toStringOutput = toString.call(val);
                        // Test for built-in
                        const className = /\[object ([^\]]+)\]/.exec(toStringOutput)?.[1];

                        // Failed to match the standard '[object ClassName]'
                        if (className === undefined) {
                            return toStringOutput;
                        }
                        if (className === 'Object') {
                            // we're a user defined class or Object
                            // JSON.stringify avoids problems with cycles, and is generally much
                            // easier than looping through ownProperties of `val`.
                            try {
                                return 'Object(' + JSON.stringify(val) + ')';
                            } catch (_) {
                                return 'Object';
                            }
                        }
                        // TODO we could test for more things here, like `Set`s and `Map`s.
                        return className;
                    }
                    // Per MDN: 'This list of values is exhaustive.'
                    // https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Operators/typeof#description
                }
            }

function getArrayU8FromWasm0(ptr, len) {
                    ptr = ptr >>> 0;
                    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
                }

let cachedDataViewMemory0 = null;
                function getDataViewMemory0() {
                    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
                        cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
                    }
                    return cachedDataViewMemory0;
                }

function getStringFromWasm0(ptr, len) {
                    ptr = ptr >>> 0;
                    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
                }

let cachedUint8ArrayMemory0 = null;
                function getUint8ArrayMemory0() {
                    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
                        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
                    }
                    return cachedUint8ArrayMemory0;
                }

function handleError(f, args) {
                            try {
                                return f.apply(this, args);
                            } catch (e) {
                                const idx = addToExternrefTable0(e);
                                wasm.__wbindgen_exn_store(idx);
                            }
                        }

function isLikeNone(x) {
                return x === undefined || x === null;
            }

function makeMutClosure(arg0, arg1, f) {
                    const state = { a: arg0, b: arg1, cnt: 1 };
                    const real = (...args) => {
                        
                        // First up with a closure we increment the internal reference
                        // count. This ensures that the Rust closure environment won't
                        // be deallocated while we're invoking it.
                        state.cnt++;
                        const a = state.a;
                        state.a = 0;
                        try {
                            return f(a, state.b, ...args);
                        } finally {
                            state.a = a;
                            real._wbg_cb_unref();
                        }
                    };
                    real._wbg_cb_unref = () => {
                        if (--state.cnt === 0) {
                            wasm.__wbindgen_destroy_closure(state.a, state.b);
                            state.a = 0;
                            CLOSURE_DTORS.unregister(state);
                        }
                    };
                    CLOSURE_DTORS.register(real, state, state);
                    return real;
                }

function passStringToWasm0(arg, malloc, realloc) {
                    if (realloc === undefined) {
                    const buf = cachedTextEncoder.encode(arg);
                    const ptr = malloc(buf.length, 1) >>> 0;
                    getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
                    WASM_VECTOR_LEN = buf.length;
                    return ptr;
                }

                let len = arg.length;
                let ptr = malloc(len, 1) >>> 0;

                const mem = getUint8ArrayMemory0();

                let offset = 0;

                for (; offset < len; offset++) {
                    const code = arg.charCodeAt(offset);
                    if (code > 0x7F) break;
                    mem[ptr + offset] = code;
                }
            if (offset !== len) {
                        if (offset !== 0) {
                            arg = arg.slice(offset);
                        }
                        ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
                        const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
                        const ret = cachedTextEncoder.encodeInto(arg, view);
                        
                        offset += ret.written;
                        ptr = realloc(ptr, len, offset, 1) >>> 0;
                    }

                    WASM_VECTOR_LEN = offset;
                    return ptr;
                }

function takeFromExternrefTable0(idx) {
                    const value = wasm.__wbindgen_externrefs.get(idx);
                    wasm.__externref_table_dealloc(idx);
                    return value;
                }

let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
                        function decodeText(bytes) {
                            return cachedTextDecoder.decode(bytes);
                        }

const cachedTextEncoder = new TextEncoder();

                        if (!('encodeInto' in cachedTextEncoder)) {
                            cachedTextEncoder.encodeInto = function (arg, view) {
                const buf = cachedTextEncoder.encode(arg);
                view.set(buf);
                return {
                    read: arg.length,
                    written: buf.length
                };
            };
                        }

let WASM_VECTOR_LEN = 0;

const wasmPath = `${__dirname}/config-updater_bg.wasm`;
            const wasmBytes = require('fs').readFileSync(wasmPath);
            const wasmModule = new WebAssembly.Module(wasmBytes);
            let wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
            let wasm = wasmInstance.exports;
            wasm.__wbindgen_start();
