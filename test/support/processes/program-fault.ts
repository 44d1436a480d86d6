/** What the error of {@link faultOnSignal} quotes. No log may have it. */
export const QUOTED = '+7 900 123-45-67'

const program = `process.on('SIGUSR2', () => void Promise.reject(new TypeError('${QUOTED}')))`

/** NODE_OPTIONS of a process that makes a mistake at each SIGUSR2: a rejection that nothing handles. */
export const faultOnSignal = `--import=data:text/javascript,${encodeURIComponent(program).replaceAll("'", '%27')}`
