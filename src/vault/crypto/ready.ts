import sodium from 'libsodium-wrappers'

/** Resolves when libsodium is ready. The files of this folder that use libsodium import this file, which waits for it. */
export const cryptoReady: Promise<void> = sodium.ready

await cryptoReady
