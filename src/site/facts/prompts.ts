import { playCheck } from '../../asterisk/play-check.js'
import { codeOf } from '../../core/errors.js'
import { words } from '../../core/words.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import { findVariants, mediaPath } from '../../prompts/variant-files.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'

/** Number of prompts that the PBX plays. All are in the same folder, and each takes a second. */
const PLAYED = 3
/** The coding that the check plays. Asterisk does not choose it for callers. */
const CODING = 'sln'

type Prompt = Awaited<ReturnType<typeof promptsInForce>>[number]

/** Whether the prompts of the lines are complete, and the PBX can play them. */
export async function prompts(site: Site): Promise<Outcome> {
  const { promptDir } = site.config()
  const used = await usedPrompts(site)
  const damaged = await Promise.all(
    used.map(async one => ((await findVariants(mediaPath(promptDir, one))) ? [] : [one])),
  )
  const missing = [...(await unknownPrompts(site)), ...damaged.flat()]
  if (missing.length > 0) return faulty(notWhole(missing, promptDir))
  await site.pbx()
  return play(site, used.slice(0, PLAYED))
}

/** Lists the prompts that the lines in force name; without lines, all in force. */
async function usedPrompts(site: Site): Promise<Prompt[]> {
  const all = await promptsInForce(await site.database())
  const named = await namedPrompts(site)
  const used = all.filter(({ language, name }) => named.has(`${language}/${name}`))
  return used.length > 0 ? used : all
}

/** Lists the prompts that the lines name and that do not exist. */
async function unknownPrompts(site: Site): Promise<Pick<Prompt, 'language' | 'name'>[]> {
  const all = await promptsInForce(await site.database())
  const known = new Set(all.map(({ language, name }) => `${language}/${name}`))
  return [...(await namedPrompts(site))]
    .filter(one => !known.has(one))
    .map(one => ({ language: one.split('/')[0]!, name: one.slice(one.indexOf('/') + 1) }))
}

/** As `language/name`. */
async function namedPrompts(site: Site): Promise<Set<string>> {
  return new Set(
    (await site.lines()).flatMap(({ disclosure, outsiderDisclosure, purposes, language, languages }) =>
      [
        disclosure,
        ...(outsiderDisclosure === undefined ? [] : [outsiderDisclosure]),
        ...purposes.flatMap(one => Object.values(one.prompts)),
      ].flatMap(name =>
        [language, ...(languages ?? []).map(one => one.language)].map(spoken => `${spoken}/${name}`),
      ),
    ),
  )
}

async function play(site: Site, played: readonly Prompt[]) {
  const { ari, promptDir } = site.config()
  const files = played.map(one => ({
    path: mediaPath(promptDir, one),
    extension: CODING,
    lengthMs: one.lengthMs,
  }))
  try {
    if (await playCheck(ari)(files)) return sound('The PBX plays them.', 'АТС их воспроизводит.')
    return unknown(
      'They are whole. The PBX cannot say whether it plays them.',
      'Файлы целы. Играет ли их АТС, она сказать не может.',
    )
  } catch (error) {
    if (codeOf(error) !== 'prompt.damaged') throw error
    return faultsOr([notPlayed(promptDir)], sound('', ''))
  }
}

function notWhole(missing: readonly Pick<Prompt, 'language' | 'name'>[], folder: string): Fault {
  const list = missing.map(({ language, name }) => `${language}/${name}`).join(', ')
  return fault(
    'CONSENTRY_PROMPTS',
    words(
      `Prompts of the lines are missing or damaged in ${folder}: ${list}.`,
      `В ${folder} нет или испорчены фразы линий: ${list}.`,
    ),
    words(
      'systemctl restart consentry: it makes the files again.',
      'systemctl restart consentry: служба сделает файлы заново.',
    ),
  )
}

const notPlayed = (folder: string): Fault =>
  fault(
    'CONSENTRY_PROMPTS',
    words(
      `Asterisk cannot play the prompts in ${folder}: no caller is asked.`,
      `Asterisk не может воспроизвести фразы из ${folder}: никого не спрашивают.`,
    ),
    words(
      `Let others enter the folders above: chmod o+x, up to ${folder}.`,
      `Разрешите другим вход в папки над ней: chmod o+x, вплоть до ${folder}.`,
    ),
  )
