"""The Merkle tree of the log (RFC 6962, 2.1)."""

import hashlib

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf, index, size, path):
    """The root that an audit path gives (RFC 9162, 2.1.3.2). None if the path does not fit the place."""
    if index >= size:
        return None
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node % 2 == 1 or node == last:
            result = node_hash(sibling, result)
            while node % 2 == 0 and node > 0:
                node, last = node // 2, last // 2
        else:
            result = node_hash(result, sibling)
        node, last = node // 2, last // 2
    return result if last == 0 else None


def perfect_root(hashes):
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class Tree:
    """A growing tree, kept as the roots of its perfect subtrees."""

    def __init__(self):
        self.size = 0
        self._subtrees = []

    def append(self, leaf):
        rest, node, height = self.size, leaf, 0
        while rest % 2 == 1:
            node = node_hash(self._subtrees[height], node)
            rest, height = rest // 2, height + 1
        self._subtrees[height:] = [node] + self._subtrees[height + 1 :] if height < len(self._subtrees) else [node]
        self.size += 1

    def root(self):
        result = None
        for height, subtree in enumerate(self._subtrees):
            if self.size >> height & 1:
                result = subtree if result is None else node_hash(subtree, result)
        return EMPTY_ROOT if result is None else result


def is_consistent(earlier, earlier_root, size, root, proof):
    """Whether a consistency proof shows that the tree of `root` extends that of `earlier_root` (RFC 9162, 2.1.4.2)."""
    if earlier == 0 or earlier > size:
        return earlier == 0 and not proof
    if earlier == size:
        return not proof and earlier_root == root
    node, last = earlier - 1, size - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    hashes = [earlier_root, *proof] if node == 0 else list(proof)
    if not hashes:
        return False
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node % 2 == 0 and node > 0:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, sibling)
        node, last = node // 2, last // 2
    return last == 0 and old == earlier_root and new == root
