// Real: every store and key store of `subjects.ts`, and its storage. Nothing is fake. What an interface promises is checked here
// once for all of them. What only one of them does has a test of its own.
import { checkAppendStore } from './check-append-store.js'
import { checkArchive } from './check-archive.js'
import { checkKeyStore } from './check-key-store.js'
import { APPEND_STORES, ARCHIVES, KEY_STORES } from './subjects.js'

for (const subject of APPEND_STORES) checkAppendStore(subject)
for (const subject of ARCHIVES) checkArchive(subject)
for (const subject of KEY_STORES) checkKeyStore(subject)
