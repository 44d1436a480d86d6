// Real: reading version and changelog, the checkout's own. Fake: a checkout of two files.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { debianChangelog, debianVersion } from '../../../packaging/build/debian-changelog.js'
import { readChangelog, readRelease } from '../../../packaging/build/release.js'
import { projectRoot } from '../../../src/lib/process/project.js'

const CHANGELOG = `# Changelog

## 1.2.0 - 2026-11-27

### Added

- The \`line\` verb, as [the guide](docs/configure.md) says, with a second
  line of text.
- Another.

### Fixed

- A fault.

## 1.1.9 - 2026-10-01

### Changed

- Less.
`

t.test('the first version of the changelog is that of package.json', async t => {
  const { version, changelog } = readRelease(projectRoot(), 1, { SOURCE_DATE_EPOCH: '0' })
  t.equal(changelog[0]?.version, version)
  t.ok(changelog[0]?.changes.length)

  const dir = t.testdir({ 'package.json': '{"version":"1.2.1"}', 'CHANGELOG.md': CHANGELOG })
  t.throws(() => readRelease(dir, 1, {}), {
    message: 'CHANGELOG.md begins with 1.2.0, package.json has 1.2.1',
  })
})

t.test('the time of a package is that of the sources, not of the build', async t => {
  const dir = t.testdir({ 'package.json': '{"version":"1.2.0"}', 'CHANGELOG.md': CHANGELOG })
  t.equal(readRelease(dir, 1, {}).at, Date.parse('2026-11-27T12:00:00Z') / 1000, 'the day of the release')
  t.equal(readRelease(dir, 1, { SOURCE_DATE_EPOCH: '42' }).at, 42)
  t.throws(() => readRelease(dir, 1, { SOURCE_DATE_EPOCH: 'now' }), /no number of seconds/)
  writeFileSync(join(dir, 'CHANGELOG.md'), CHANGELOG.replace('2026-11-27', 'unreleased'))
  t.throws(
    () => readRelease(dir, 1, { PATH: process.env['PATH'], GIT_DIR: '/nowhere' }),
    /set SOURCE_DATE_EPOCH/,
  )
})

t.test('a changelog is read as plain text', async t => {
  t.strictSame(readChangelog(CHANGELOG), [
    {
      version: '1.2.0',
      day: '2026-11-27',
      changes: [
        {
          heading: 'Added',
          items: ['The line verb, as the guide says, with a second line of text.', 'Another.'],
        },
        { heading: 'Fixed', items: ['A fault.'] },
      ],
    },
    { version: '1.1.9', day: '2026-10-01', changes: [{ heading: 'Changed', items: ['Less.'] }] },
  ])
  t.throws(() => readChangelog('## Unreleased\n'), /"Unreleased" is no heading/)
})

t.test('dpkg reads the same changelog', async t => {
  const release = { version: '1.2.0', revision: 3, at: 0, changelog: readChangelog(CHANGELOG) }
  t.equal(debianVersion(release), '1.2.0-3')
  t.equal(
    debianChangelog(release),
    `consentry (1.2.0-3) stable; urgency=medium

  [ Added ]
  * The line verb, as the guide says, with a second line of text.
  * Another.

  [ Fixed ]
  * A fault.

 -- Consentry maintainers <maintainers@consentry.invalid>  Fri, 27 Nov 2026 12:00:00 +0000

consentry (1.1.9-1) stable; urgency=medium

  [ Changed ]
  * Less.

 -- Consentry maintainers <maintainers@consentry.invalid>  Thu, 01 Oct 2026 12:00:00 +0000
`,
  )
})

t.test('a version that is not released yet says so', async t => {
  const changelog = readChangelog('## 0.1.0 - unreleased\n\n### Added\n\n- All.\n')
  const text = debianChangelog({ version: '0.1.0', revision: 1, at: 1_800_000_000, changelog })
  t.match(text, /^consentry \(0\.1\.0-1\) UNRELEASED; urgency=medium\n/)
  t.match(text, / -- .* {2}Fri, 15 Jan 2027 08:00:00 \+0000\n$/)
  t.ok(text.split('\n').every(line => line.length < 100))
})
