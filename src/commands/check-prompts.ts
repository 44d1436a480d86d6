import { readManifest } from '../prompts/manifest.js'
import { shippedPromptFolder } from '../prompts/shipped.js'
import { AppError } from '../shared/errors.js'
import type { LinePolicy } from '../shared/policy.js'

/**
 * Makes sure that every prompt a line names is there in the line's language: a call whose prompt is missing is never
 * recorded, and the first to notice would be the callers.
 *
 * @throws AppError `policy.invalid` with each field's path
 */
export async function checkPrompts(lines: Omit<LinePolicy, 'version'>[]): Promise<void> {
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
