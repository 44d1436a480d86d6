// Real: the walk through the folders. Fake: the listing of a folder.
import t from 'tap'
import { filesBelow } from '../../../../src/vault/store/disk-store.js'

/** The folders of a store on a volume of its own. Each name ends with a slash if it is a folder. */
const FOLDERS: Record<string, string[]> = {
  '/store': ['lost+found/', 'service/', '.consentry-place'],
  '/store/service': ['2026/'],
  '/store/service/2026': ['one.ctry', 'gone/'],
}

async function list(folder: string) {
  const names = FOLDERS[folder]
  if (folder === '/store/lost+found') throw Object.assign(new Error('denied'), { code: 'EACCES' })
  if (!names) throw Object.assign(new Error('gone'), { code: 'ENOENT' })
  return (async function* () {
    for (const name of names)
      yield {
        name: name.replace('/', ''),
        isDirectory: () => name.endsWith('/'),
        isFile: () => !name.endsWith('/'),
      }
  })()
}

t.test('a store is listed although it has a folder that nobody but root can read', async t => {
  const found: string[] = []
  for await (const path of filesBelow('/store', list)) found.push(path)
  t.strictSame(found, ['/store/service/2026/one.ctry', '/store/.consentry-place'])
})
