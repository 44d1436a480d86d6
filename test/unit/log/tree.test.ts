// Real: the hashes, trees, proofs and tiles. Fake: none.
// The oracle is RFC 6962, implemented literally.
import t from 'tap'
import { type Hash, leafHash } from '../../../src/log/tree/hash.js'
import {
  consistencyRanges,
  inclusionRanges,
  isConsistent,
  type LeafRange,
  rootFromInclusion,
} from '../../../src/log/tree/proof.js'
import { edgeTiles, type FullTile, parseTilePath, tilePath } from '../../../src/log/tree/tile.js'
import { Frontier, RightEdge } from '../../../src/log/tree/tree-hashes.js'
import { NaiveTree } from './naive-tree.js'

const SIZES = 300
const leaves = Array.from({ length: SIZES }, (_, i) => `leaf ${i}`)
const hashes = leaves.map(leafHash)
const model = new NaiveTree(leaves)
const prove = (ranges: LeafRange[]): Hash[] => ranges.map(({ from, to }) => model.mth(from, to))
/** The number of cases and the first that does not hold, so that forty thousand checks are one line. */
const checkAll = <T>(cases: Iterable<T>, holds: (one: T) => boolean): { checked: number; failed?: T } => {
  let checked = 0
  for (const one of cases) {
    checked += 1
    if (!holds(one)) return { checked, failed: one }
  }
  return { checked }
}
const PAIRS = (SIZES * (SIZES + 1)) / 2
/** All pairs of a number from `from` on and a size that it belongs to. */
function* pairs(from: number): Generator<[number, number]> {
  for (let size = 1; size <= SIZES; size++) for (let k = from; k < size + from; k++) yield [k, size]
}

t.test('both trees give the right root at every size', async t => {
  const edge = new RightEdge()
  const frontier = new Frontier()
  t.equal(edge.root(), model.mth(0, 0))
  t.equal(frontier.root(), model.mth(0, 0))
  const result = checkAll(hashes.entries(), ([i, hash]) => {
    edge.append(hash, () => {})
    frontier.append(hash)
    const root = model.mth(0, i + 1)
    return edge.root() === root && frontier.root() === root && edge.size === i + 1
  })
  t.strictSame(result, { checked: SIZES })
})

t.test('every leaf of every tree up to 300 leaves has a proof, which proves no other leaf', async t => {
  const result = checkAll(pairs(0), ([index, size]) => {
    const path = prove(inclusionRanges(index, size))
    const root = model.mth(0, size)
    const rootOf = (leaf: Hash, at: number, way: Hash[], of = size) => rootFromInclusion(leaf, at, of, way)
    return (
      rootOf(hashes[index]!, index, path) === root &&
      rootOf(leafHash('another'), index, path) !== root &&
      rootOf(hashes[index]!, index, [...path, root]) !== root &&
      (path.length === 0 || rootOf(hashes[index]!, index, path.slice(1)) !== root) &&
      (size === 1 || rootOf(hashes[index]!, (index + 1) % size, path) !== root) &&
      rootOf(hashes[index]!, index + size, path) === undefined
    )
  })
  t.strictSame(result, { checked: PAIRS })
})

t.test('every pair of sizes up to 300 is consistent, and no other root is', async t => {
  const result = checkAll(pairs(1), ([earlier, size]) => {
    const proof = prove(consistencyRanges(earlier, size))
    const [old, root] = [model.mth(0, earlier), model.mth(0, size)]
    const other = leafHash('another')
    return (
      isConsistent(earlier, old, size, root, proof) &&
      !isConsistent(earlier, other, size, root, proof) &&
      !isConsistent(earlier, old, size, other, proof) &&
      !isConsistent(earlier, old, size, root, [...proof, other]) &&
      (proof.length === 0 || !isConsistent(earlier, old, size, root, proof.slice(1))) &&
      (proof.length === 0 || !isConsistent(earlier, old, size, root, [...proof.slice(0, -1), other]))
    )
  })
  t.strictSame(result, { checked: PAIRS })
})

t.test('every tree extends the empty tree, with an empty proof', async t => {
  t.ok(isConsistent(0, model.mth(0, 0), 7, model.mth(0, 7), []))
  t.notOk(isConsistent(0, model.mth(0, 0), 7, model.mth(0, 7), [model.mth(0, 1)]))
  t.notOk(isConsistent(8, model.mth(0, 8), 7, model.mth(0, 7), []))
})

t.test('tiles of a tree of 70,000 leaves are those of the specification', async t => {
  const tiles: FullTile[] = []
  const edge = new RightEdge()
  const frontier = new Frontier()
  for (let i = 0; i < 70_000; i++) {
    const hash = leafHash(String(i))
    edge.append(hash, tile => tiles.push(tile))
    frontier.append(hash)
  }
  const full = (level: number) => tiles.filter(tile => tile.level === level).map(tile => tile.n)
  t.strictSame(
    full(0),
    Array.from({ length: 273 }, (_, i) => i),
  )
  t.strictSame(full(1), [0])
  t.strictSame(
    edge.partialTiles().map(({ level, n, width, hashes }) => [level, n, width, hashes.length]),
    [
      [0, 273, 112, 112],
      [1, 1, 17, 17],
      [2, 0, 1, 1],
    ],
  )
  t.equal(edge.root(), frontier.root())
  const again = new RightEdge(
    70_000,
    edge.partialTiles().map(({ hashes }) => hashes),
  )
  t.equal(again.root(), edge.root(), 'a tree that is opened from its partial tiles has the same root')
})

t.test('a tree of 256 leaves has a full tile and a partial one above it', async t => {
  t.strictSame(edgeTiles(256), [{ level: 1, n: 0, width: 1 }])
})

t.test('tile paths are those of the specification, and no others are parsed', async t => {
  const cases = [
    ['tile/0/x001/x234/067', { level: 0, n: 1_234_067, width: 256 }],
    ['tile/1/000.p/17', { level: 1, n: 0, width: 17 }],
    ['tile/entries/x001/000', { level: 'entries', n: 1_000, width: 256 }],
    ['tile/63/999.p/255', { level: 63, n: 999, width: 255 }],
  ] as const
  for (const [path, name] of cases) {
    t.equal(tilePath(name), path)
    t.strictSame(parseTilePath(path), name)
  }
  const invalid = ['tile/0/x000/001', 'tile/64/000', 'tile/01/000', 'tile/0/000.p/0', 'tile/0/000.p/256']
  const alsoInvalid = [
    'tile/0/../000',
    'tile/0/1',
    'tile/0/000.p/01',
    'tile/0/000/',
    'checkpoint',
    'tile/0/001/000',
  ]
  for (const path of [...invalid, ...alsoInvalid]) t.equal(parseTilePath(path), undefined, path)
})
