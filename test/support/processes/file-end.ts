const callbacks = new Set<() => void>()
process.once('exit', endFile)

/** Runs a callback when this test file is over: when its process ends, or before the next file in it. A killed process runs none. */
export const atFileEnd = (callback: () => void): void => void callbacks.add(callback)

/** A process of several test files calls it after each. */
export function endFile(): void {
  for (const callback of callbacks) callback()
  callbacks.clear()
}
