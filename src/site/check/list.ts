import type { Check } from './check.js'
import { addresses } from './checks/addresses.js'
import { asterisk } from './checks/asterisk.js'
import { asteriskFiles } from './checks/asterisk-files.js'
import { clock } from './checks/clock.js'
import { database } from './checks/database.js'
import { dialplan } from './checks/dialplan.js'
import { gosub } from './checks/gosub.js'
import { journal } from './checks/journal.js'
import { keepers } from './checks/keepers.js'
import { keys } from './checks/keys.js'
import { limits } from './checks/limits.js'
import { memory } from './checks/memory.js'
import { modules } from './checks/modules.js'
import { pbx } from './checks/pbx.js'
import { pbxOptions } from './checks/pbx-options.js'
import { pbxRecording } from './checks/pbx-recording.js'
import { programs } from './checks/programs.js'
import { prompts } from './checks/prompts.js'
import { schema } from './checks/schema.js'
import { service } from './checks/service.js'
import { settings } from './checks/settings.js'
import { settingsFile } from './checks/settings-file.js'
import { sides } from './checks/sides.js'
import { keyStore, store } from './checks/stores.js'
import { tap } from './checks/tap.js'
import { tapFolder } from './checks/tap-folder.js'

/** All checks, in the order of `CHECK_NAMES`. */
export const CHECKS: readonly Check[] = [
  settings,
  settingsFile,
  programs,
  addresses,
  service,
  database,
  schema,
  journal,
  clock,
  store,
  keyStore,
  keys,
  pbx,
  modules,
  dialplan,
  gosub,
  pbxOptions,
  asterisk,
  asteriskFiles,
  pbxRecording,
  tapFolder,
  tap,
  sides,
  keepers,
  prompts,
  memory,
  limits,
]
