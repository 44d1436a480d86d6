/** A change of an installation that can be taken back. */
export interface Change {
  /** Commands that make it. */
  plant: string
  /** Commands that mend it. */
  mend: string
}

export const SETTINGS = '/etc/consentry/consentry.env'
export const RECIPIENTS = '/etc/consentry/recipients.json'
export const ASTERISK = '/etc/asterisk'
export const TAP = '/run/consentry/tap'
export const STORE = '/var/lib/consentry/store'
export const KEYS = '/var/lib/consentry-keys'

/** Changes a file. @param then what makes it hold */
export const changed = (path: string, change: string, then = ''): Change => ({
  plant: `cp -a ${path} kept\n${change}\n${then}`,
  mend: `cp -a kept ${path}\n${then}`,
})
/** Adds lines to a file. */
export const added = (path: string, lines: string, then?: string): Change =>
  changed(path, `cat >>${path} <<'END'\n${lines}\nEND`, then)
export const setting = (line: string): Change => added(SETTINGS, line)
export const inDialplan = (change: string): Change =>
  changed(`${ASTERISK}/extensions.conf`, change, `asterisk -rx 'dialplan reload'`)
export const onConsole = (plant: string, mend: string): Change => ({
  plant: `asterisk -rx '${plant}'`,
  mend: `asterisk -rx '${mend}'`,
})
export const mode = (path: string, wrong: string, right: string): Change => ({
  plant: `chmod ${wrong} ${path}`,
  mend: `chmod ${right} ${path}`,
})

const asPostgres = (command: string): string => `runuser -u postgres -- ${command}`
export const sql = (statement: string, database = 'consentry'): string =>
  `${asPostgres(`psql -q -v ON_ERROR_STOP=1 ${database}`)} <<'SQL'\n${statement}\nSQL`
/** A dump does not have who may connect. */
const CLOSE_COPY = `revoke connect on database copy from public;
grant connect on database copy to consentry;`
/** Lets the settings name a copy of the database, and changes the copy. @param options of `pg_dump` */
export const inCopy = (change: string, options = ''): Change => ({
  plant: `${asPostgres('createdb copy')}
${asPostgres(`pg_dump ${options} consentry`)} | ${asPostgres('psql -q -v ON_ERROR_STOP=1 copy')} >/dev/null
${sql(CLOSE_COPY, 'copy')}
${change}
cp -a ${SETTINGS} kept
sed -i 's|^\\(DATABASE_URL=.*\\)/consentry$|\\1/copy|' ${SETTINGS}`,
  mend: `cp -a kept ${SETTINGS}\n${asPostgres('dropdb --force copy')}`,
})
