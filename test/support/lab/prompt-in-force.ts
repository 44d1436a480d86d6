import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromPcm } from '../../../lab/audio/wav.js'
import { type PromptVersion, promptVersions } from '../../../src/lines/prompts/find-prompts.js'
import { PROMPTS } from '../processes/converted-prompts.js'
import { until } from '../processes/database.js'
import type { CallLab } from './call-lab.js'

/**
 * Waits until the service has put so many published prompts into force since its start. A call that begins earlier keeps the former ones,
 * although the converted files are there.
 */
export const waitUntilInForce = async ({ lab }: Pick<CallLab, 'lab'>, count: number): Promise<void> =>
  until(async () => (await lab.service.log()).split('a published prompt is in force').length > count)

/** A prompt in force, and how callers hear it: signed 16-bit samples at 8 kHz. Waits until the service has converted it. */
export async function promptInForce(
  { db }: Pick<CallLab, 'db'>,
  name: string,
): Promise<PromptVersion & { samples: Int16Array }> {
  const versions = await promptVersions({ db }, { name, language: 'en' })
  const version = versions.find(({ inForce }) => inForce)!
  const path = join(PROMPTS, 'en', `${name}-${version.sha256.slice(0, 12)}.sln`)
  let bytes = Buffer.alloc(0)
  await until(async () => {
    bytes = await readFile(path).catch(() => bytes)
    return bytes.length > 0
  })
  return { ...version, samples: fromPcm(bytes) }
}
