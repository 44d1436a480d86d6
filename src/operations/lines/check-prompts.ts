import type { Line } from '../../policy/validate.js'
import { readManifest, shippedPromptFolder } from '../../prompts/manifest.js'
import { AppError } from '../../shared/errors.js'

/**
 * Checks that each prompt that a line names exists in the line's language. A call whose prompt is missing is not recorded, and the
 * callers would be the first to notice.
 *
 * @throws AppError `policy.invalid` with each field's path
 */
export async function checkPrompts(lines: readonly Line[]): Promise<void> {
  const known = await readManifest(shippedPromptFolder())
  const faults = lines.flatMap(({ number, language, mode, disclosure, purposes }) => {
    const named = [
      ['disclosure', disclosure],
      ...purposes.flatMap(({ prompts }, i) =>
        Object.entries(prompts).map(([role, name]) => [`purposes.${i}.prompts.${role}`, name]),
      ),
    ]
    const isKnown = (name: string | undefined) =>
      known.some(prompt => prompt.language === language && prompt.name === name)
    const missing = mode === 'none' ? [] : named.filter(([, name]) => !isKnown(name))
    return missing.map(
      ([path, name]) => `  line ${number}, ${path}: there is no prompt "${name}" in ${language}`,
    )
  })
  if (faults.length > 0) throw new AppError('policy.invalid', `The line is not valid.\n${faults.join('\n')}`)
}
