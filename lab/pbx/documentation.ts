import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Folder of Asterisk's documentation in Debian, below an unpacked tree. */
const SHARE = 'usr/share/asterisk'
/** Increase the number if a change here changes the shortened documentation. */
const SHORTENED = 'documentation-of-settings-1'
const TEXT = 'core-en_US.xml'

/** Asterisk refuses a setting that its documentation does not name, so these sections stay. */
const SECTION = /<configInfo\b[^>]*>.*?<\/configInfo>/gs
const EXPLANATION = /<(description|see-also|since)\b[^>]*>.*?<\/\1>/gs

/**
 * Shortens Asterisk's documentation to the names of its settings. Asterisk reads and sorts all of it at each start,
 * which takes half of the start's processor time, and uses it only to show it on its console.
 *
 * @param text the documentation as it is installed
 */
export const shortenDocumentation = (text: string): string => {
  const head = text.slice(0, text.indexOf('<docs'))
  const sections = (text.match(SECTION) ?? []).map(section => section.replace(EXPLANATION, ''))
  return `${head}<docs>\n${sections.join('\n')}\n</docs>\n`.replace(/>\s+</g, '><')
}

/**
 * Makes the shortened documentation of an unpacked Asterisk, once.
 *
 * @returns its folder
 */
export async function shortDocumentation(tree: string): Promise<string> {
  const folder = join(tree, SHARE, SHORTENED)
  if (await stat(folder).catch(() => undefined)) return folder
  const whole = join(tree, SHARE, 'documentation')
  const draft = await mkdtemp(`${folder}.`)
  // Asterisk 16 has no style sheet.
  for (const name of ['appdocsxml.dtd', 'appdocsxml.xslt'])
    await copyFile(join(whole, name), join(draft, name)).catch(() => {})
  await mkdir(join(draft, 'thirdparty'))
  await writeFile(join(draft, TEXT), shortenDocumentation(await readFile(join(whole, TEXT), 'utf8')))
  // Another process may have made the folder meanwhile.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }))
  return folder
}
