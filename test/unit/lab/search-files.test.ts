// Real: the search of files. Fake: none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { NeedleTable } from '../../support/assertions/needle-table.js'
import { searchFiles } from '../../support/assertions/search-files.js'
import { seededRandom } from '../../support/data/seeded-random.js'

const random = seededRandom('search-files')
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))
const hay = bytes(1_000)

t.test('needles of any length are found at any byte, and nowhere else', async t => {
  for (const length of [1, 4, 7, 8, 9, 67, 68, 160, 320]) {
    const needle = bytes(length)
    const table = new NeedleTable([
      { name: 'needle', bytes: needle },
      { name: 'other', bytes: bytes(160) },
    ])
    const missed = Array.from({ length: 131 }, (_, at) => at).filter(at => {
      const planted = Buffer.concat([hay.subarray(0, at), needle, hay.subarray(at, at + 3)])
      const names = new Set<string>()
      table.findIn(planted, names)
      return [...names].join() !== 'needle' && !hay.includes(needle)
    })
    t.strictSame(missed, [], `${length} bytes`)
    const cut = new Set<string>()
    if (length > 4) table.findIn(Buffer.concat([hay, needle.subarray(0, -1)]), cut)
    t.strictSame([...cut], [], `${length} bytes without the last one`)
  }
})

t.test('a needle that lies across two readings of a large file is found', async t => {
  const needle = bytes(160)
  const dir = t.testdir({})
  const chunk = 1 << 20
  const files = [0, 1, 80, 159, 160].map(before => [before, join(dir, String(before))] as const)
  for (const [before, file] of files)
    await writeFile(file, Buffer.concat([Buffer.alloc(2 * chunk - before), needle, Buffer.alloc(chunk)]))
  const paths = files.map(([, file]) => file)
  t.strictSame(
    await searchFiles([...paths, join(dir, 'gone')], [{ name: 'needle', bytes: needle }]),
    paths.map(path => `needle in ${path}`),
  )
})
