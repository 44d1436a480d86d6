import { common } from './common.js'
import { edit } from './edit.js'
import { filter } from './filter.js'
import { groups } from './groups.js'
import { line } from './line.js'
import { linePrompts } from './line-prompts.js'
import { lines } from './lines.js'
import { me } from './me.js'
import { now } from './now.js'
import { passkeys } from './passkeys.js'
import { people } from './people.js'
import { problem } from './problem.js'
import { prompts } from './prompts.js'
import { rules } from './rules.js'
import { setup } from './setup.js'
import { signIn } from './sign-in.js'
import { system } from './system.js'

/** Words of the pages in Russian, a file for each page. */
export const ru = {
  ...common,
  edit,
  filter,
  groups,
  now,
  lines,
  linePrompts,
  line,
  system,
  me,
  passkeys,
  people,
  problem,
  prompts,
  rules,
  setup,
  signIn,
}
