#!/usr/bin/env python3
"""Checks proof files of Treasury Ledger: no database, no network, no part of its program, no package.

    python3 verify.py PROOF --anchors ANCHORS.ndjson     the proof, from anchors that you kept
    python3 verify.py PROOF --root HEX                   the proof, from one head of heads that you know
    python3 verify.py --anchors ANCHORS.ndjson           only the chain and the roots of the anchors
    python3 verify.py --pack PACK.zip [--anchors ANCHORS.ndjson]
                                                         an auditor's pack: every digest, chain and head in it

Exit code 0: proven, and what is proven is printed. 1: not proven, and why. The rules are in
src/TreasuryLedger.Core/Journal/PROOFS.md and SPEC.md; this file follows them and nothing else.
"""

import argparse
import hashlib
import json
import re
import struct
import sys
import zipfile

ENTRY_PROOF = "treasury-ledger-entry-proof-v1"
CONSISTENCY_PROOF = "treasury-ledger-consistency-proof-v1"
ANCHOR = "treasury-ledger-anchor-v1"
PACK = "treasury-ledger-pack-v1"
HEAD_MEMBERS = {"tenant", "journal", "size", "recordedAt", "hash", "root"}


class NotProven(Exception):
    """The file does not prove what it says."""


def require(holds, otherwise):
    if not holds:
        raise NotProven(otherwise)


def sha256(data):
    return hashlib.sha256(data).digest()


# ---- Reading: what is not understood in full proves nothing -------------------------------------------------------

def once(pairs):
    names = [name for name, _ in pairs]
    require(len(names) == len(set(names)), "A member stands twice.")
    return dict(pairs)


def no_fraction(text):
    raise NotProven(f"{text} is no whole number.")


def parse(text):
    try:
        return json.loads(
            text, object_pairs_hook=once, parse_float=no_fraction, parse_constant=no_fraction)
    except (json.JSONDecodeError, RecursionError) as fault:
        raise NotProven(f"It is not JSON that can be read: {fault}") from fault


def members(value, required, optional, name):
    require(isinstance(value, dict), f"{name} is no object.")
    require(required <= set(value), f"{name} lacks {sorted(required - set(value))}.")
    unknown = set(value) - required - optional
    require(not unknown, f"{name} has members that are not known here: {sorted(unknown)}.")


def digest(text):
    require(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), f"{text!r} is no SHA-256 in lower-case hex.")
    return bytes.fromhex(text)


def digests(path):
    require(isinstance(path, list), "A path is a list.")
    return [digest(text) for text in path]


def whole(value, least, name):
    require(isinstance(value, int) and not isinstance(value, bool) and value >= least, f"{name} is no number.")
    return value


def words(value, name):
    require(isinstance(value, str), f"{name} is no text.")
    return value


# ---- Canonical bytes and the hash chain (SPEC.md, section 2) --------------------------------------------------------

def canonical(value):
    def tagged(tag, length, content=b""):
        return tag + struct.pack(">I", length) + content

    if value is None:
        return tagged(b"n", 0)
    if isinstance(value, bool):
        return tagged(b"b", int(value))
    if isinstance(value, int):
        require(-2**63 <= value < 2**63, f"{value} does not fit 64 bits.")
        return b"i" + struct.pack(">q", value)
    if isinstance(value, str):
        text = utf8(value)
        return tagged(b"s", len(text), text)
    if isinstance(value, list):
        return tagged(b"a", len(value), b"".join(canonical(item) for item in value))
    by_name = sorted((utf8(name), inner) for name, inner in value.items())
    return tagged(b"o", len(by_name), b"".join(
        tagged(b"k", len(name), name) + canonical(inner) for name, inner in by_name))


def utf8(text):
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise NotProven("A text holds half a character.") from fault


def origin(tenant, journal):
    return sha256(canonical([tenant, journal]))


# ---- The tree (RFC 6962, section 2.1; RFC 9162, sections 2.1.3.2 and 2.1.4.2) ---------------------------------------

def leaf(data):
    return sha256(b"\0" + data)


def node(left, right):
    return sha256(b"\1" + left + right)


def tree_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node(tree_root(leaves[:k]), tree_root(leaves[k:]))


def proves_inclusion(leaf_hash, index, size, path, root):
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def proves_consistency(first, first_root, second, second_root, path):
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if not path:
        return False
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


# ---- Heads and anchors (PROOFS.md, sections 2 and 3) ----------------------------------------------------------------

def check_head(head, tenant):
    members(head, HEAD_MEMBERS, set(), "A head")
    require(head["tenant"] == tenant, f"The head of {head['journal']} is of tenant {head['tenant']}.")
    words(head["journal"], "A journal")
    words(head["recordedAt"], "An instant")
    whole(head["size"], 1, "The size of a tree")
    digest(head["hash"])
    digest(head["root"])


def root_of(heads):
    names = [utf8(head["journal"]) for head in heads]
    require(names == sorted(set(names)), "The heads are not in the order of their journals, each once.")
    return tree_root([leaf(canonical(head)) for head in heads])


def check_heads(heads, tenant):
    require(isinstance(heads, list), "Heads are a list.")
    for head in heads:
        check_head(head, tenant)
    return root_of(heads)


def read_anchors(text):
    require(text == "" or text.endswith("\n"), "The last anchor was not written to its end.")
    anchors = []
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        anchor = parse(line)
        name = f"Anchor {number}"
        members(
            anchor, {"format", "number", "previous", "tenant", "at", "root", "heads", "hash"}, set(), name)
        require(anchor["format"] == ANCHOR, f"{name} has a format that is not known here.")
        require(whole(anchor["number"], 1, name) == number, f"{name} is missing.")
        before = anchors[-1] if anchors else {"hash": "0" * 64, "tenant": words(anchor["tenant"], "A tenant")}
        require(anchor["previous"] == before["hash"], f"{name} does not follow the one before it.")
        require(anchor["tenant"] == before["tenant"], f"{name} is of another tenant.")
        words(anchor["at"], "An instant")
        require(anchor["heads"], f"{name} has no heads.")
        root = check_heads(anchor["heads"], anchor["tenant"])
        require(root == digest(anchor["root"]), f"{name} has not the root of its heads.")
        sealed = sha256(canonical({key: value for key, value in anchor.items() if key != "hash"}))
        require(sealed == digest(anchor["hash"]), f"{name} was changed: its hash is another.")
        anchors.append(anchor)
    return anchors


class Trust:
    """What the verifier trusts: anchors that it kept, or one head of heads that it has from elsewhere."""

    def __init__(self, anchors, root):
        self.anchors, self.root = anchors, root

    def find(self, head, root):
        if root is not None and root == self.root:
            return f"the trusted head of heads {root.hex()}"
        found = [anchor for anchor in self.anchors if digest(anchor["root"]) == root]
        found += [anchor for anchor in self.anchors if head in anchor["heads"]]
        return f"anchor {found[0]['number']} of {found[0]['at']}" if found else None

    def voucher(self, head, root):
        found = self.find(head, root)
        require(
            found, f"No trusted anchor or root contains the head of {head['journal']} at {head['size']}: "
            "nobody vouches for it.")
        return found


# ---- Proofs (PROOFS.md, section 4) ----------------------------------------------------------------------------------

def check_text(text, entry):
    members(text, {"salt", "text"}, set(), "The text")
    require(re.fullmatch("([0-9a-f]{2})*", words(text["salt"], "The salt")), "The salt is not in lower-case hex.")
    require(
        sha256(bytes.fromhex(text["salt"]) + utf8(words(text["text"], "The text"))).hex()
        == entry.get("reasonSha256"),
        "The text is not the one whose digest the entry holds.")


def check_entry(proof, trust):
    members(
        proof,
        {"format", "tenant", "journal", "entry", "previousHash", "path", "head"}, {"text", "tenantTree"}, "The proof")
    tenant, journal = words(proof["tenant"], "The tenant"), words(proof["journal"], "The journal")
    head, entry = proof["head"], proof["entry"]
    check_head(head, tenant)
    require(head["journal"] == journal, f"The head is one of {head['journal']}.")
    require(isinstance(entry, dict), "The entry is no object.")
    position = whole(entry.get("position"), 1, "The entry's position")
    previous = digest(proof["previousHash"])
    chained = sha256(previous + canonical(entry))
    require(
        proves_inclusion(leaf(chained), position - 1, head["size"], digests(proof["path"]), digest(head["root"])),
        f"The path does not lead from entry {position} to the root of the journal's tree.")
    require(
        position < head["size"] or chained == digest(head["hash"]),
        "The head's hash is not that of its newest entry.")
    require(position > 1 or previous == origin(tenant, journal), "The chain does not begin with this journal.")
    if "text" in proof:
        check_text(proof["text"], entry)
    root = None
    if "tenantTree" in proof:
        tree = proof["tenantTree"]
        members(tree, {"root", "index", "count", "path"}, set(), "The tenant's tree")
        root = digest(tree["root"])
        require(
            proves_inclusion(
                leaf(canonical(head)), whole(tree["index"], 0, "An index"), whole(tree["count"], 1, "A count"),
                digests(tree["path"]), root),
            "The path does not lead from the journal's head to the head of heads.")
    voucher = trust.voucher(head, root)
    text = ", with its text" if "text" in proof else ""
    return [
        f"Entry {position} of {tenant}:{journal}{text} stands in the journal of {head['size']} entries recorded up to "
        f"{head['recordedAt']}, for which {voucher} vouches."]


def check_consistency(proof, trust):
    members(proof, {"format", "tenant", "from", "to", "paths"}, set(), "The proof")
    tenant, earlier, later = words(proof["tenant"], "The tenant"), proof["from"], proof["to"]
    from_root, to_root = check_heads(earlier, tenant), check_heads(later, tenant)
    require(earlier, "A proof from no heads proves nothing.")
    require(
        isinstance(proof["paths"], list) and len(proof["paths"]) == len(earlier),
        "There is not one path for each of the earlier heads.")
    by_journal = {head["journal"]: head for head in later}
    proven = []
    for head, path in zip(earlier, proof["paths"]):
        journal, size = head["journal"], head["size"]
        require(journal in by_journal, f"{journal} is not among the later heads: it was removed.")
        grown = by_journal[journal]
        require(grown["size"] >= size, f"{journal} had {size} entries and has {grown['size']}: it was cut.")
        require(
            proves_consistency(size, digest(head["root"]), grown["size"], digest(grown["root"]), digests(path)),
            f"{journal} at {grown['size']} does not begin with what it was at {size}: it was rewritten.")
        require(grown["size"] > size or grown == head, f"Of {journal} at {size} two different heads are shown.")
        proven.append(
            f"{tenant}:{journal} with {grown['size']} entries begins with exactly the {size} "
            f"for which {trust.voucher(head, from_root)} vouches.")
    # What the later heads say of hash and instant follows from no path: it is proven by who vouches for them.
    vouchers = {trust.find(head, to_root) for head in later}
    voucher = vouchers.pop() if len(vouchers) == 1 else None
    return proven + [
        f"The heads lead from {from_root.hex()} to {to_root.hex()}, for which {voucher or 'only the file'} vouches."]


def check(text, trust):
    proof = parse(text)
    form = proof.get("format") if isinstance(proof, dict) else None
    require(form in (ENTRY_PROOF, CONSISTENCY_PROOF), f"The format {form!r} is not known here.")
    return (check_entry if form == ENTRY_PROOF else check_consistency)(proof, trust)


# ---- Packs ------------------------------------------------------------------------------------------------------------

def check_pack(path, trust):
    try:
        with zipfile.ZipFile(path) as pack:
            return check_files(pack, trust)
    except (zipfile.BadZipFile, KeyError, EOFError) as fault:
        raise NotProven(f"It is no archive that is whole: {fault}") from fault


def check_files(pack, trust):
    manifest = parse(pack.read("manifest.json").decode("utf-8"))
    members(manifest, {"format", "viewpoint", "heads", "files"}, set(), "The manifest")
    require(manifest["format"] == PACK, f"The format {manifest['format']!r} is not known here.")
    for file in manifest["files"]:
        members(file, {"name", "bytes", "sha256"}, set(), "A file")
        content = hashlib.sha256()
        with pack.open(file["name"]) as opened:
            for part in iter(lambda: opened.read(1 << 20), b""):
                content.update(part)
        require(content.hexdigest() == file["sha256"], f"{file['name']} is not the one of the manifest.")
    named = {file["name"] for file in manifest["files"]} | {"manifest.json"}
    require(sorted(named) == sorted(pack.namelist()), "The manifest does not name each file once.")
    proven = [f"{len(manifest['files'])} files are those of the manifest."]
    for head in manifest["heads"]:
        require(isinstance(head, dict), "A head is no object.")
        check_head(head, words(head.get("tenant"), "The tenant"))
        check_journal(pack, head)
        voucher = trust.find(head, None)
        proven.append(
            f"{head['tenant']}:{head['journal']} has {head['size']} entries, each in the hash chain, and ends with the "
            f"head {head['hash']}, for which {voucher or 'only the pack'} vouches.")
    return proven


def check_journal(pack, head):
    name, chained = f"journals/{head['journal']}.ndjson", origin(head["tenant"], head["journal"])
    peaks, size = [], 0  # the roots of full parts of the tree, with their sizes
    with pack.open(name) as lines:
        for line in lines:
            entry = parse(line.decode("utf-8"))
            members(entry, {"position", "hash", "entry"}, {"text"}, f"A line of {name}")
            size += 1
            chained = sha256(chained + canonical(entry["entry"]))
            require(
                entry["position"] == size and entry["entry"].get("position") == size, f"Entry {size} is not there.")
            require(chained.hex() == entry["hash"], f"Entry {size} of {name} is not the one that was hashed.")
            if "text" in entry:
                check_text(entry["text"], entry["entry"])
            peaks.append((leaf(chained), 1))
            while len(peaks) > 1 and peaks[-1][1] == peaks[-2][1]:
                (right, count), (left, _) = peaks.pop(), peaks.pop()
                peaks.append((node(left, right), 2 * count))
    require(size == head["size"] and chained.hex() == head["hash"], f"{name} does not end with its head.")
    root = peaks.pop()[0]
    while peaks:
        root = node(peaks.pop()[0], root)
    require(root.hex() == head["root"], f"{name} has not the root of its head.")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("proof", nargs="?")
    arguments.add_argument("--anchors")
    arguments.add_argument("--root")
    arguments.add_argument("--pack")
    asked = arguments.parse_args()
    if asked.pack and (asked.proof or asked.root):
        arguments.error("a pack is checked alone, or with --anchors")
    if not asked.pack and (not asked.anchors and not asked.root or not asked.anchors and not asked.proof):
        arguments.error("a proof needs --anchors or --root: by itself it proves nothing")
    try:
        anchors = read_anchors(read(asked.anchors)) if asked.anchors else []
        if asked.pack:
            proven = check_pack(asked.pack, Trust(anchors, None))
        elif asked.proof:
            proven = check(read(asked.proof), Trust(anchors, digest(asked.root) if asked.root else None))
        else:
            require(anchors, "There is no anchor.")
            proven = [
                f"{len(anchors)} anchors of {anchors[0]['tenant']} follow one another, from {anchors[0]['at']} to "
                f"{anchors[-1]['at']}."]
    except (NotProven, OSError, UnicodeDecodeError) as fault:
        print(f"NOT PROVEN: {fault}", file=sys.stderr)
        return 1
    for sentence in proven:
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
