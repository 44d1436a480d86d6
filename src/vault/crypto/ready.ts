import sodium from 'libsodium-wrappers'

/** Resolves once libsodium can be used. Whoever imports a file of this folder has already waited for it. */
export const cryptoReady: Promise<void> = sodium.ready

await cryptoReady
