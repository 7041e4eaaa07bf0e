#!/usr/bin/env python3
"""Verifies an audit log's export or proof, knowing only docs/audit-format.md and the key that it is told.

    verify.py export FILE --public-key KEY.pem      FILE, FILE.checkpoint and, where there, FILE.leaves
    verify.py proof FILE --public-key KEY.pem       one entry, or all of one order
Exit code 0: verified. 1: changed, the first bad entry is named. 2: cannot read.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys

# Ed25519, RFC 8032 section 5.1, verification only.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def recover_x(y, sign):
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if (x * x - xx) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x

def decode_point(data):
    number = int.from_bytes(data, "little")
    y = number & (1 << 255) - 1
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def multiply(n, p):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, p)
        p = add(p, p)
        n >>= 1
    return result

BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519_verify(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)

# The tree, RFC 6962 section 2.1 and RFC 9162 section 2.1.3.2.
def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

class Tree:
    def __init__(self):
        self.subtrees = []  # roots of complete subtrees, widest first, as (width, hash)

    def append(self, leaf):
        width = 1
        while self.subtrees and self.subtrees[-1][0] == width:
            leaf = sha256(b"\1", self.subtrees.pop()[1], leaf)
            width *= 2
        self.subtrees.append((width, leaf))

    def root(self):
        root = self.subtrees[-1][1] if self.subtrees else sha256()
        for _, left in reversed(self.subtrees[:-1]):
            root = sha256(b"\1", left, root)
        return root

def includes(leaf, index, size, path, root):
    node, last = index, size - 1
    if not 0 <= index < size:
        return False
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = sha256(b"\1", sibling, leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = sha256(b"\1", leaf, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and leaf == root

# Notes and keys.
def parse_keys(pem):
    keys = []
    for block in re.findall("-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", pem, re.S):
        der = base64.b64decode("".join(block.split()), validate=True)
        if len(der) != 44 or der[:12] != bytes.fromhex("302a300506032b6570032100"):
            raise ValueError("a public key is not Ed25519")
        keys.append(der[12:])
    if not keys:
        raise ValueError("no public key in the key file")
    return keys

def parse_checkpoint(note, keys):
    """Size, root, and whether a trusted key signed."""
    text, separator, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) < 3 or not note.endswith("\n") or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
        raise ValueError("the checkpoint is malformed")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise ValueError("the checkpoint's root is malformed")
    message, name, signed = (text + "\n").encode(), lines[0], False
    for line in signatures[:-1].split("\n"):
        dash, signer, data = (line.split(" ") + ["", ""])[:3]
        if dash != "\u2014":
            raise ValueError("a signature line is malformed")
        data = base64.b64decode(data, validate=True)
        for key in keys:
            key_id = sha256(name.encode(), b"\n\1", key)[:4]
            signed |= signer == name and data[:4] == key_id and ed25519_verify(key, message, data[4:])
    return int(lines[1]), root, signed

def hints(file, size, root):
    """The leaf hashes beside the export, when they add up to the signed root and so can tell which line was changed."""
    if not os.path.exists(file) or os.path.getsize(file) != 32 * size:
        return None
    with open(file, "rb") as leaves:
        data = leaves.read()
    tree = Tree()
    for i in range(size):
        tree.append(data[32 * i : 32 * i + 32])
    return data if tree.root() == root else None

def verify_export(file, keys):
    with open(file + ".checkpoint", encoding="utf-8", newline="") as checkpoint:
        size, root, signed = parse_checkpoint(checkpoint.read(), keys)
    bad = [] if signed else [(0, "the checkpoint is not signed by a trusted key")]
    leaves, tree, count = hints(file + ".leaves", size, root), Tree(), 0
    with open(file, "rb") as lines:
        for line in lines:
            leaf = sha256(b"\0", line.removesuffix(b"\n"))
            tree.append(leaf)
            if not line.endswith(b"\n") or not line.startswith(b'{"seq":%d,' % count):
                bad.append((count, "the line is not the one of this entry"))
            elif leaves is not None and count < size and leaves[32 * count : 32 * count + 32] != leaf:
                bad.append((count, "the line was changed"))
            count += 1
    if count != size:
        bad.append((min(count, size), "%d lines, the checkpoint is over %d" % (count, size)))
    elif tree.root() != root and not bad:
        bad.append((0, "entries 0 to %d do not add up to the checkpoint" % (count - 1)))
    return size, root, bad

def verify_proof(file, keys):
    with open(file, encoding="utf-8", newline="") as proof:
        proof = json.load(proof)
    if proof["format"] != "bloodnet-audit-proof/1" or not proof["entries"]:
        raise ValueError("not a proof of a known format")
    size, root, signed = parse_checkpoint(proof["checkpoint"], keys)
    bad, last = [] if signed else [(0, "the checkpoint is not signed by a trusted key")], -1
    for entry in proof["entries"]:
        seq, line = int(entry["seq"]), entry["line"].encode()
        path = [base64.b64decode(h, validate=True) for h in entry["path"]]
        if seq <= last or not line.startswith(b'{"seq":%d,' % seq):
            bad.append((seq, "not the line of this entry, or out of order"))
        elif any(len(h) != 32 for h in path) or not includes(sha256(b"\0", line), seq, size, path, root):
            bad.append((seq, "not in the log that the checkpoint signs"))
        last = seq
    return len(proof["entries"]), root, bad

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["export", "proof"])
    parser.add_argument("file")
    parser.add_argument("--public-key", required=True, help="PEM file with the keys that you trust")
    options = parser.parse_args()
    verify = verify_export if options.what == "export" else verify_proof
    try:
        with open(options.public_key, encoding="ascii") as pem:
            keys = parse_keys(pem.read())
        count, root, bad = verify(options.file, keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        print("cannot read: %s: %s" % (type(e).__name__, e))
        return 2
    for seq, what in sorted(bad)[:200]:
        print("entry %d: %s" % (seq, what))
    print("NOT verified, first bad entry: %d" % min(bad)[0] if bad else "entries %d root %s verified" % (count, root.hex()))
    return 1 if bad else 0

if __name__ == "__main__":
    sys.exit(main())
