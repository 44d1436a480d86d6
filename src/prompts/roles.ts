/** Where the words of a shipped prompt can stand in a line. `system`: in no field of a line. */
export type PromptRole = 'disclosure' | 'question' | 'granted' | 'refused' | 'system'

/** The roles of the shipped prompts, by the form of their names. `texts.json` describes the use of each. */
const ROLES: readonly (readonly [RegExp, PromptRole])[] = [
  [/^disclosure-(key|voice|purposes|notice|outbound|joined)$/, 'disclosure'],
  [/^question(-voice)?(-service|-marketing)?$/, 'question'],
  [/^question-(by-key|confirm|after-yes)$/, 'system'],
  [/^granted(-service|-marketing)?$/, 'granted'],
  [/^refused(-service|-marketing)?$/, 'refused'],
  [/^(interrupted|choose-language|withdrawn|withdrawn-kept)$/, 'system'],
  [/^record-(speak|review|unusable|kept)$/, 'system'],
]

/** The role of a shipped prompt. Undefined for other prompts, which may stand in any field. @param name its name */
export const roleOf = (name: string): PromptRole | undefined => ROLES.find(([form]) => form.test(name))?.[1]

/**
 * Finds the prompts that can stand in a field of a line: the shipped ones of its role, and all others.
 *
 * @param names of prompts
 * @param field path, such as `disclosure`, `outsiderDisclosure` or `purposes.0.prompts.question`
 */
export function promptsForField(names: readonly string[], field: string): string[] {
  const wanted = field === 'outsiderDisclosure' ? 'disclosure' : field.split('.').at(-1)
  return names.filter(name => [undefined, wanted].includes(roleOf(name)))
}
