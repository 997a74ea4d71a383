// Files that Lean only reads, served in the calling thread: every call that is proxied to the (blocked) main thread costs
// milliseconds, and an import makes thousands. Spliced into lean.js before SYSCALLS; keep every statement on this scope.
var RAWFS = {
  fds: new Map(),
  BASE: 1000000, // above every descriptor of the emulated file system
  ok(path) { return path.charCodeAt(0) === 47 && !/^\/(dev|proc|sys)\//.test(path) },
  errno(e) { return ({ ENOENT: 44, EACCES: 2, ENOTDIR: 54, EISDIR: 31, ELOOP: 32, ENAMETOOLONG: 37 })[e.code] },
  stat(path, buf, link) {
    try { SYSCALLS.writeStat(buf, link ? fs.lstatSync(path) : fs.statSync(path)); return 0 }
    catch (e) { var n = RAWFS.errno(e); if (n === undefined) throw e; return -n }
  },
  open(path) {
    try {
      var fd = fs.openSync(path, 'r');
      if (!fs.fstatSync(fd).isFile()) { fs.closeSync(fd); return null }
      RAWFS.fds.set(fd + RAWFS.BASE, { fd, pos: 0, size: fs.fstatSync(fd).size });
      return fd + RAWFS.BASE
    } catch (e) { var n = RAWFS.errno(e); if (n === undefined) throw e; return -n }
  },
  readv(o, iov, count, pnum) {
    var total = 0;
    for (var i = 0; i < count; i++) {
      var ptr = (growMemViews(), HEAPU32)[iov >> 2], len = HEAPU32[iov + 4 >> 2];
      iov += 8;
      while (len > 0) {
        var r = fs.readSync(o.fd, HEAPU8, ptr, len, o.pos);
        if (r === 0) { i = count; break }
        o.pos += r; total += r; ptr += r; len -= r
      }
    }
    HEAPU32[pnum >> 2] = total;
    return 0
  },
  seek(o, offset, whence, pnew) {
    offset = Number(offset);
    o.pos = whence === 0 ? offset : whence === 1 ? o.pos + offset : o.size + offset;
    (growMemViews(), HEAP64)[pnew >> 3] = BigInt(o.pos);
    return 0
  },
  close(fd, o) { RAWFS.fds.delete(fd); fs.closeSync(o.fd); return 0 },
};
