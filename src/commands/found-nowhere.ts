import { counted } from '../lib/plural.js'

/** Advice about recordings that are due but in no store. Empty if there are none. */
export const foundNowhere = (recordings: number): string =>
  recordings === 0
    ? ''
    : `Found nowhere, so left as they are: ${counted(recordings, 'recording', 'recordings')}, neither a key nor a container of which is in any store.
Check that CONSENTRY_STORE and CONSENTRY_KEYSTORE name all folders; consentry audit names the recordings.
If they are lost for good, consentry purge --lost enters them into an act.
`
