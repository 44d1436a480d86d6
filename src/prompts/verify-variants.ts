import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { throwUnwritable, WORK_PREFIX } from './prompt-folder.js'
import { RECIPE_VERSION, VARIANTS } from './variants.js'

/** A file for the PBX to play. */
export interface FileToPlay {
  /** Absolute path without extension. No other file has it. */
  path: string
  extension: string
  lengthMs: number
}

/**
 * Plays files on the PBX without a listener.
 *
 * @returns false if the PBX does not report the result
 * @throws AppError `prompt.damaged` if it cannot play one; `pbx.*` while it is away
 */
export type LetPbxPlay = (files: readonly FileToPlay[]) => Promise<boolean>

/** The PBX's user may enter the folder. */
const FOLDER_MODE = 0o755

const markOf = (media: string) => `${media}.played`

/** Whether the PBX has played the variants of a prompt before. @param media path without extension */
export const isVerified = async (media: string): Promise<boolean> =>
  (await readFile(markOf(media), 'utf8').catch(() => '')) === String(RECIPE_VERSION)

/**
 * Has the PBX open and play each variant of a prompt, and stores the result beside the files. Of several files of one
 * name, Asterisk plays the one that fits its channel. Each variant therefore gets a link in a separate folder.
 *
 * @param media path without extension
 * @returns false if the PBX does not report the result
 * @throws AppError `prompt.damaged`, `pbx.*`, as `LetPbxPlay`; `store.unwritable`
 */
export async function verifyVariants(media: string, lengthMs: number, play: LetPbxPlay): Promise<boolean> {
  const folder = await mkdtemp(join(dirname(media), WORK_PREFIX)).catch(throwUnwritable(media))
  try {
    await chmod(folder, FOLDER_MODE)
    const files = VARIANTS.map(({ extension, leadMs }) => ({
      path: join(folder, extension),
      extension,
      lengthMs: lengthMs + leadMs,
    }))
    for (const { path, extension } of files)
      await symlink(`${media}.${extension}`, `${path}.${extension}`).catch(throwUnwritable(media))
    if (!(await play(files))) return false
    await writeFile(markOf(media), String(RECIPE_VERSION)).catch(throwUnwritable(media))
    return true
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
