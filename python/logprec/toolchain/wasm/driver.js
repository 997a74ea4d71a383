// Runs the WebAssembly build of Lean under Node as if it were the native `lean`.
// LOGPREC_LEAN_HOME: folder of lean.wasm, the patched lean.js and lib/.
'use strict';
const fs = require('fs'), path = require('path');
const HOME = process.env.LOGPREC_LEAN_HOME, LIB = path.join(HOME, 'lib');
const MAIN_STACK_MB = 128; // the build's own main stack is 64 KiB and unchecked
// Flags of this exact lean.wasm (its sha256 is checked at installation): cached answers to "are we on emscripten?", which
// would force every file to be a `module`. [address, function that reads it]
const FLAGS = [[1215092, 'Lean.Elab.processHeaderCore'], [1084012, 'Lean.Environment']];

const die = (code, text) => { fs.writeSync(2, `lean: ${text}\n`); process.reallyExit(code) };

// --- the build's leftover traces: console.log on stdout, IO.eprintln on stderr
const consoleLog = console.log;
console.log = (...a) => { if (!(typeof a[0] === 'string' && a[0].startsWith('[DEBUG'))) consoleLog(...a) };
const TRACE = /^(\[DEBUG:(?:[A-N]|GO|FIND|IMPORT|FINALIZE)\] |  - .*\.olean(?:\.\w+)?$|  mainModule\? = )/;
const clock = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd, buf) {
  for (let o = 0; o < buf.length;) {
    try { o += fs.writeSync(fd, buf, o, buf.length - o) }
    catch (e) {
      if (e.code === 'EAGAIN') { Atomics.wait(clock, 0, 0, 2); continue }
      if (e.code === 'EPIPE') process.reallyExit(141);
      throw e;
    }
  }
}
let pending = Buffer.alloc(0);
function writeErr(buf) { // drops whole trace lines, passes the rest on at once
  pending = Buffer.concat([pending, buf]);
  const out = [];
  for (let i; (i = pending.indexOf(10)) >= 0; pending = pending.subarray(i + 1))
    if (!TRACE.test(pending.toString('utf8', 0, i))) out.push(pending.subarray(0, i + 1));
  const s = pending.toString('utf8');
  if (s && !'[DEBUG'.startsWith(s.slice(0, 6)) && !s.startsWith(' ')) { out.push(pending); pending = Buffer.alloc(0) }
  if (out.length) writeAll(2, Buffer.concat(out));
}
const flushErr = () => { if (pending.length && !TRACE.test(pending.toString())) writeAll(2, pending); pending = Buffer.alloc(0) };

// --- stdin: another thread does the blocking read; the main thread serves the calls that Lean's threads proxy to it
let reader = null, control, shared, pump = () => {};
function readStdin(buffer, offset, length) {
  if (!reader) {
    control = new Int32Array(new SharedArrayBuffer(16)); shared = new Uint8Array(new SharedArrayBuffer(65536));
    reader = new (require('worker_threads').Worker)(`
      const { workerData: { c, b } } = require('worker_threads'), fs = require('fs');
      for (;;) {
        Atomics.wait(c, 0, 0);
        let n = -1;
        while (n < 0) {
          try { n = fs.readSync(0, b, 0, c[1], null) }
          catch (e) { if (e.code === 'EAGAIN') Atomics.wait(c, 3, 0, 5); else n = 0 }
        }
        c[2] = n; Atomics.store(c, 0, 0); Atomics.notify(c, 0);
      }`, { eval: true, workerData: { c: control, b: shared } });
    reader.unref();
  }
  control[1] = Math.min(length, 65536);
  Atomics.store(control, 0, 1); Atomics.notify(control, 0);
  while (Atomics.load(control, 0) === 1) { Atomics.wait(control, 0, 1, 2); pump() }
  const n = control[2];
  buffer.set(shared.subarray(0, n), offset);
  return n;
}

const M = globalThis.LeanModule = {
  mainStackMb: MAIN_STACK_MB,
  arguments: process.argv.slice(2), thisProgram: '/usr/bin/lean',
  hostEnv: Object.assign({}, process.env, { LLVM_PROFILE_FILE: '/dev/null' }),
  locateFile: (p) => path.join(HOME, p),
  mountHost(FS, NODEFS) {
    for (const entry of fs.readdirSync('/', { withFileTypes: true })) {
      const name = '/' + entry.name;
      if (['/dev', '/proc', '/sys'].includes(name)) continue;
      try {
        if (!fs.statSync(name).isDirectory()) continue;
        if (entry.isSymbolicLink()) { FS.symlink(fs.readlinkSync(name), name); continue }
      } catch { continue } // unreadable: not part of Lean's world
      try { FS.mkdir(name) } catch {} // made by the runtime already
      FS.mount(NODEFS, { root: name }, name);
    }
    FS.chdir(process.cwd());
  },
  hookIO(FS) {
    const base = FS.streams[0].stream_ops;
    const writer = (write) => Object.assign({}, base, { fsync: () => 0,
      write: (_, b, offset, length) => { write(Buffer.from(b.slice(offset, offset + length))); return length } });
    FS.streams[0].stream_ops = Object.assign({}, base, { read: (_, b, offset, length) => readStdin(b, offset, length) });
    FS.streams[1].stream_ops = writer((b) => writeAll(1, b));
    // opened by name, /dev/stdin and /dev/stdout are this terminal
    Object.assign(base, { read: FS.streams[0].stream_ops.read, write: FS.streams[1].stream_ops.write });
    FS.streams[2].stream_ops = writer(writeErr);
  },
  afterInit({ wasmExports, HEAPU8 }) {
    const serve = wasmExports['_emscripten_check_mailbox'] || wasmExports['emscripten_main_thread_process_queued_calls'];
    if (serve) pump = () => serve();
    for (const [address, name] of FLAGS) {
      if (HEAPU8[address] !== 1) die(70, `unexpected memory layout (${name}); reinstall the WebAssembly toolchain`);
      HEAPU8[address] = 0;
    }
  },
  onExit(code) {
    flushErr();
    // The build returns a boxed UInt32, unboxed by ">> 1": undo that and read the scalar behind the object header.
    if (code > 255 || code < 0) { const heap = M.HEAPU32view && M.HEAPU32view(); if (heap) code = heap[((code * 2) >>> 2) + 2] }
    process.reallyExit(code & 255);
  },
  onAbort(what) { flushErr(); die(134, `the WebAssembly runtime aborted: ${what}`) },
};
M.hostEnv.LEAN_PATH = process.env.LEAN_PATH = (process.env.LEAN_PATH ? process.env.LEAN_PATH + ':' : '') + LIB;
require(path.join(HOME, 'lean.js'));
