/** Programs and data that the lab can download. */
export type ToolSetName =
  | 'asterisk22'
  | 'asterisk16'
  | 'sipp'
  | 'ffmpeg'
  | 'sounds'
  | 'litetlog'
  | 'chromium'
  | 'strace'
  | 'bindfs'
  | 'faketime'
  | 'python'
  | 'pgbouncer'
  | 'openssl'
  | 'voices'
  | 'speech'
  | 'speechsounds'
  | 'systemd'
  | 'prometheus'

export interface ToolSet {
  /** Debian suite it comes from. */
  suite: string
  /** Packages, downloaded with their dependencies. */
  packages: string[]
  /** Programs that get a wrapper in `bin/`, as paths inside the unpacked tree. */
  programs: string[]
}

/**
 * Debian 13 has no Asterisk. Asterisk 22 LTS is in forky, and 16, the oldest supported version, is in bullseye. Other sets
 * come from forky to share its package list with Asterisk 22.
 */
export const TOOL_SETS: Record<ToolSetName, ToolSet> = {
  asterisk22: { suite: 'forky', packages: ['asterisk'], programs: ['usr/sbin/asterisk'] },
  asterisk16: { suite: 'bullseye', packages: ['asterisk'], programs: ['usr/sbin/asterisk'] },
  sipp: { suite: 'forky', packages: ['sip-tester'], programs: ['usr/bin/sipp'] },
  ffmpeg: { suite: 'forky', packages: ['ffmpeg'], programs: ['usr/bin/ffmpeg', 'usr/bin/ffprobe'] },
  // People's voices, 8 kHz WAV, for agents and callers.
  sounds: {
    suite: 'forky',
    packages: ['asterisk-core-sounds-en-wav', 'asterisk-core-sounds-ru-wav'],
    programs: [],
  },
  // Prints documents, with fonts, so that documents do not depend on the machine.
  chromium: {
    suite: 'trixie',
    packages: ['chromium-headless-shell', 'fontconfig-config', 'fonts-liberation'],
    programs: [],
  },
  // Tests load these into programs of this machine, or run such programs with them, so they come from the same suite.
  strace: { suite: 'trixie', packages: ['strace'], programs: ['usr/bin/strace'] },
  bindfs: { suite: 'trixie', packages: ['bindfs'], programs: ['usr/bin/bindfs'] },
  faketime: { suite: 'trixie', packages: ['libfaketime'], programs: [] },
  // Python, with the scanner that SIP ports on the internet receive most often, and with the packages of the second
  // verifier.
  python: {
    suite: 'trixie',
    packages: ['sipvicious', 'python3-cryptography'],
    programs: ['usr/bin/python3.13'],
  },
  // The most common connection pooler for PostgreSQL.
  pgbouncer: { suite: 'trixie', packages: ['pgbouncer'], programs: ['usr/sbin/pgbouncer'] },
  // A time-stamping authority, and the program that verifies its stamps.
  openssl: { suite: 'trixie', packages: ['openssl'], programs: ['usr/bin/openssl'] },
  // Voices that speak prompts: flite English, espeak-ng Russian.
  voices: {
    suite: 'trixie',
    packages: ['flite', 'espeak-ng'],
    programs: ['usr/bin/flite', 'usr/bin/espeak-ng'],
  },
  // The recogniser of the embedded engine and its acoustic model. Tests load them, so they come from this machine's
  // suite.
  speech: { suite: 'trixie', packages: ['libpocketsphinx3', 'pocketsphinx-en-us'], programs: [] },
  // Speech and music without a yes: letters and words of Russian and English games, read books, music on hold.
  speechsounds: {
    suite: 'trixie',
    packages: ['klettres-data', 'ktuberling-data', 'pocketsphinx-testdata', 'asterisk-moh-opsound-wav'],
    programs: [],
  },
  // Checks units without running them.
  systemd: { suite: 'trixie', packages: ['systemd'], programs: ['usr/bin/systemd-analyze'] },
  // The monitoring tools of operators.
  prometheus: {
    suite: 'trixie',
    packages: ['prometheus', 'prometheus-alertmanager'],
    programs: ['usr/bin/prometheus', 'usr/bin/promtool', 'usr/bin/prometheus-alertmanager'],
  },
  // An independent verifier of transparency logs. Debian 13 is the last to have it under this name.
  litetlog: { suite: 'trixie', packages: ['litetlog'], programs: ['usr/bin/spicy-litetlog'] },
}

/** Part of the names in the cache. Increase it if a change here changes the unpacked files. */
export const RECIPE = 1
