import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { masterPath, readManifest } from '../../../src/prompts/manifest.js'
import { shippedPromptFolder } from '../../../src/prompts/shipped.js'

/**
 * A folder of prompts like the shipped one, with only these English prompts; removed after the test.
 *
 * @param recording name of the shipped recording that all of them get; their own by default
 */
export async function sourceOf(t: Test, names: string[], recording?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prompts-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const shipped = await readManifest(shippedPromptFolder())
  const prompts = []
  await mkdir(join(folder, 'en'))
  for (const name of names) {
    const entry = shipped.find(each => each.language === 'en' && each.name === (recording ?? name))!
    await copyFile(masterPath(shippedPromptFolder(), entry), join(folder, 'en', `${name}.wav`))
    prompts.push({ ...entry, name })
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ prompts }))
  return folder
}
