import type { CheckName } from '../../../src/site/check/check.js'
import {
  ASTERISK,
  added,
  type Change,
  changed,
  inCopy,
  inDialplan,
  KEYS,
  mode,
  onConsole,
  RECIPIENTS,
  SETTINGS,
  STORE,
  setting,
  sql,
  TAP,
} from './changes.js'

/** A mistake in an installation that was sound. */
export interface Mistake extends Change {
  /** The check that finds it. */
  check: CheckName
  /** The setting that the check names. */
  setting: RegExp
  /** Checks that find a consequence of it. */
  also?: readonly CheckName[]
}

/** The newest event again, as if it were of next month. */
const NEXT_MONTH = `insert into event overriding system value
select (jsonb_populate_record(e, jsonb_build_object('id', id + 1, 'uuid', gen_random_uuid(), 'at', at + interval '30 days'))).*
from event e order by id desc limit 1;`

/** A unit of Asterisk that an operator has changed after setup. */
const inUnit = (line: string): Change => {
  const file = '/etc/systemd/system/asterisk.service.d/own.conf'
  const restart = `systemctl daemon-reload
systemctl restart asterisk
until asterisk -rx 'core waitfullybooted' >/dev/null 2>&1; do sleep 0.2; done
until curl --fail --silent http://127.0.0.1:8080/readyz >/dev/null; do sleep 0.2; done`
  return {
    plant: `printf '[Service]\\n${line}\\n' >${file}\n${restart}`,
    mend: `rm ${file}\n${restart}`,
  }
}
/** Asks or sets how many files the running Asterisk may open. Only its own user may set that. */
const filesOfAsterisk = (options: string): string =>
  `runuser -u asterisk -- prlimit --pid "$(systemctl show -P MainPID asterisk)" ${options}`

const inSettings: Record<string, Mistake> = {
  'a typo in the name of a setting': {
    ...setting('CONSENTRY_KEYSTOR=file:/keys'),
    ...{ check: 'settings', setting: /^CONSENTRY_KEYSTOR$/ },
  },
  'a typo in a path': {
    ...setting('CONSENTRY_RECIPIENTS=/etc/consentry/recipient.json'),
    ...{ check: 'settings', setting: /^CONSENTRY_RECIPIENTS$/ },
  },
  'a word in place of a number': {
    ...setting('CONSENTRY_MAX_LAG=soon'),
    ...{ check: 'settings', setting: /^CONSENTRY_MAX_LAG$/ },
  },
  'the URL of the owner among the settings of the service': {
    ...setting('DATABASE_ADMIN_URL=postgres://consentry_owner:x@127.0.0.1/consentry'),
    ...{ check: 'settings', setting: /^DATABASE_ADMIN_URL$/ },
  },
  'the secret key on the machine that records': {
    ...setting('CONSENTRY_IDENTITY=/media/keys/identity.json'),
    ...{ check: 'settings', setting: /^CONSENTRY_IDENTITY$/ },
  },
  'a password that would cross the network': {
    ...setting('ARI_URL=http://192.0.2.5:8088'),
    ...{ check: 'settings', setting: /^ARI_URL$/ },
  },
  'a tap folder in the store': {
    ...setting(`CONSENTRY_TAP_DIR=${STORE}/tap`),
    ...{ check: 'settings', setting: /CONSENTRY_TAP_DIR/ },
  },
  'settings that every user may read': {
    ...mode(SETTINGS, '0644', '0640'),
    ...{ check: 'settings-file', setting: /^\/etc\/consentry\/consentry\.env$/ },
  },
  'recipients that every user may change': {
    ...mode(RECIPIENTS, '0666', '0644'),
    ...{ check: 'settings-file', setting: /^CONSENTRY_RECIPIENTS$/ },
  },
  'a program that is not there': {
    ...setting('CONSENTRY_FFMPEG=/nowhere/ffmpeg'),
    ...{ check: 'programs', setting: /^CONSENTRY_FFMPEG$/ },
  },
  'no key': {
    ...setting('CONSENTRY_RECIPIENTS=[]'),
    ...{ check: 'keys', setting: /^CONSENTRY_RECIPIENTS$/ },
  },
}

const inDatabase: Record<string, Mistake> = {
  'a wrong password of the database': {
    ...setting('DATABASE_URL=postgres://consentry:wrong@127.0.0.1:5432/consentry'),
    ...{ check: 'database', setting: /^DATABASE_URL$/, also: ['schema'] },
  },
  "the service's role for the console": {
    ...changed(
      SETTINGS,
      `sed -i '/^DATABASE_CONSOLE_URL=/d; s/^DATABASE_URL=\\(.*\\)/&\\nDATABASE_CONSOLE_URL=\\1/' ${SETTINGS}`,
    ),
    ...{ check: 'schema', setting: /^DATABASE_CONSOLE_URL$/ },
  },
  'a newer schema': {
    plant: sql(`insert into kysely_migration values ('9999-later', '')`),
    mend: sql(`delete from kysely_migration where name = '9999-later'`),
    ...{ check: 'schema', setting: /^DATABASE_URL$/ },
  },
  "callers' numbers in PostgreSQL's log": {
    plant: sql('alter role consentry reset log_error_verbosity'),
    mend: sql('alter role consentry set log_error_verbosity = terse'),
    ...{ check: 'database', setting: /^log_error_verbosity$/ },
  },
  'a backup that is restored without its indexes and constraints': {
    ...inCopy('', '--section=pre-data --section=data'),
    ...{ check: 'journal', setting: /^DATABASE_URL$/ },
  },
  'a clock that has been set back by a month': {
    ...inCopy(sql(NEXT_MONTH, 'copy')),
    ...{ check: 'clock', setting: /^time-sync\.target$/ },
  },
}

const inFolders: Record<string, Mistake> = {
  'a store that is not mounted': {
    plant: `mv ${STORE}/.consentry-place kept`,
    mend: `mv kept ${STORE}/.consentry-place`,
    ...{ check: 'store', setting: /^CONSENTRY_STORE$/ },
  },
  'a full disk': {
    plant: `mkdir -p /srv/full
mount -t tmpfs -o size=40m none /srv/full
cp -a ${STORE}/.consentry-place /srv/full/
chown consentry: /srv/full
head -c 39M /dev/zero >/srv/full/other
cp -a ${SETTINGS} kept
echo CONSENTRY_STORE=file:/srv/full >>${SETTINGS}`,
    mend: `cp -a kept ${SETTINGS}\numount /srv/full`,
    ...{ check: 'store', setting: /^CONSENTRY_STORE$/ },
  },
  'a key store of another user': {
    plant: `chown root: ${KEYS}`,
    mend: `chown consentry: ${KEYS}`,
    ...{ check: 'key-store', setting: /^CONSENTRY_KEYSTORE$/ },
  },
  'a tap folder with another group': {
    plant: `chgrp consentry ${TAP}`,
    mend: `chgrp asterisk ${TAP}\nchmod 2750 ${TAP}`,
    ...{ check: 'tap-folder', setting: /^CONSENTRY_TAP_DIR$/, also: ['tap'] },
  },
  'a tap folder in which Asterisk may make files': {
    ...mode(TAP, '2770', '2750'),
    ...{ check: 'tap-folder', setting: /^CONSENTRY_TAP_DIR$/ },
  },
  'prompts that Asterisk does not reach': {
    ...mode('/var/lib/consentry', '0700', '0711'),
    ...{ check: 'prompts', setting: /^CONSENTRY_PROMPTS$/ },
  },
}

const inFilesOfAsterisk: Record<string, Mistake> = {
  'a second [general]': {
    ...added(`${ASTERISK}/ari.conf`, '[general]\npretty = yes'),
    ...{ check: 'asterisk-files', setting: /^\[general\] \(ari\.conf\)$/ },
  },
  'ARI for the whole network': {
    ...changed(`${ASTERISK}/http.conf`, `sed -i 's/^bindaddr=.*/bindaddr=0.0.0.0/' ${ASTERISK}/http.conf`),
    ...{ check: 'asterisk-files', setting: /^bindaddr/ },
  },
  'recordings that are gathered in plain files': {
    ...added(`${ASTERISK}/asterisk.conf`, '[options](+)\ncache_record_files = yes'),
    ...{ check: 'asterisk-files', setting: /^cache_record_files/ },
  },
  'dangerous functions for ARI': {
    ...added(`${ASTERISK}/asterisk.conf`, '[options](+)\nlive_dangerously = yes'),
    ...{ check: 'asterisk-files', setting: /^live_dangerously/ },
  },
  'a transfer on the keys of the withdrawal': {
    ...added(`${ASTERISK}/features.conf`, '[featuremap](+)\natxfer => *9'),
    ...{ check: 'asterisk-files', setting: /^atxfer \(features\.conf\)$/ },
  },
  'a queue that records by itself': {
    ...added(`${ASTERISK}/queues.conf`, '[support]\nmonitor-format = wav'),
    ...{ check: 'pbx-recording', setting: /^monitor-format/ },
  },
  'a recording that FreePBX forces': {
    ...added(
      `${ASTERISK}/extensions.conf`,
      '[ext-queues]\nexten => 600,1,Gosub(sub-record-check,s,1(q,600,force))',
    ),
    ...{ check: 'pbx-recording', setting: /^recording \(FreePBX\)$/ },
  },
}

const inRunningAsterisk: Record<string, Mistake> = {
  'another port of ARI': {
    ...setting('ARI_URL=http://127.0.0.1:8099'),
    ...{ check: 'pbx', setting: /^ARI_URL$/ },
  },
  'a wrong password of ARI': {
    ...setting('ARI_PASSWORD=wrong'),
    ...{ check: 'pbx', setting: /ARI_PASSWORD$/ },
  },
  'an ARI user that may only read': {
    ...changed(
      `${ASTERISK}/consentry-ari.conf`,
      `sed -i 's/^read_only = no/read_only = yes/' ${ASTERISK}/consentry-ari.conf`,
      `asterisk -rx 'module reload res_ari.so'`,
    ),
    ...{ check: 'pbx', setting: /^read_only/ },
  },
  'a module that does not run': {
    ...onConsole('module unload app_mixmonitor.so', 'module load app_mixmonitor.so'),
    ...{ check: 'modules', setting: /^modules\.conf$/, also: ['tap'] },
  },
  'a dialplan without our file': {
    ...inDialplan(`sed -i '/^#include.*consentry/d' ${ASTERISK}/extensions.conf`),
    ...{ check: 'dialplan', setting: /^extensions\.conf$/ },
  },
  'an old dialplan': {
    ...inDialplan(`sed 's/[0-9a-f]\\{12\\},1,Return()/0123456789ab,1,Return()/' \\
  /usr/lib/consentry/asterisk/consentry.conf >${ASTERISK}/old.conf
sed -i 's|^#include.*consentry.*|#include old.conf|' ${ASTERISK}/extensions.conf`),
    ...{ check: 'dialplan', setting: /^extensions\.conf$/ },
  },
  'a line to which the dialplan hands no calls over': {
    ...inDialplan(`sed -i 's/Gosub(consentry,s,1)/NoOp()/' ${ASTERISK}/extensions.conf`),
    ...{ check: 'gosub', setting: /^Gosub/ },
  },
  'a dialplan that was not reloaded': {
    ...onConsole('dialplan remove context from-trunk', 'dialplan reload'),
    ...{ check: 'gosub', setting: /^dialplan reload$/ },
  },
  'a dialplan that hands calls to another application': {
    ...onConsole(
      'dialplan set global CONSENTRY_APP elsewhere',
      'dialplan set global CONSENTRY_APP consentry',
    ),
    ...{ check: 'dialplan', setting: /^ARI_APP$/, also: ['tap'] },
  },
  'H in DIAL_OPTIONS': {
    ...onConsole('dialplan set global DIAL_OPTIONS HhTtr', 'dialplan set global DIAL_OPTIONS Ttr'),
    ...{ check: 'pbx-options', setting: /^DIAL_OPTIONS$/ },
  },
  'core files of Asterisk': {
    ...inUnit('LimitCORE=infinity'),
    ...{ check: 'memory', setting: /^LimitCORE \(asterisk\.service\)$/ },
  },
  'too few files for Asterisk': {
    plant: `${filesOfAsterisk('--nofile --output=SOFT --noheadings')} >kept\n${filesOfAsterisk('--nofile=1024:')}`,
    mend: filesOfAsterisk('--nofile="$(tr -d " " <kept)":'),
    ...{ check: 'limits', setting: /^maxfiles/ },
  },
  '-g': {
    ...inUnit('ExecStart=\\nExecStart=/usr/sbin/asterisk -g -f -p -U asterisk -G asterisk'),
    ...{ check: 'asterisk', setting: /^-g/ },
  },
}

const ofUnits: Record<string, Mistake> = {
  'a service that is stopped': {
    plant: 'systemctl stop consentry',
    mend: 'systemctl start consentry',
    ...{ check: 'service', setting: /^consentry\.service$/ },
  },
  'a keeper that is stopped': {
    plant: 'systemctl stop consentry-keeper',
    mend: `systemctl start consentry-keeper
until curl --fail --silent http://127.0.0.1:8080/readyz; do sleep 0.2; done`,
    ...{ check: 'keepers', setting: /^consentry-keeper\.service$/ },
  },
  'a keeper that no start of the machine starts': {
    ...{ plant: 'systemctl disable consentry-keeper', mend: 'systemctl enable consentry-keeper' },
    ...{ check: 'service', setting: /^consentry-keeper\.service$/ },
  },
  'another program at the address': {
    plant: `systemctl stop consentry
systemd-run --quiet --unit=other systemd-socket-activate --listen=127.0.0.1:8080 cat
until ss -ltn | grep -q 127.0.0.1:8080; do sleep 0.1; done`,
    mend: 'systemctl stop other\nsystemctl start consentry',
    ...{ check: 'addresses', setting: /^CONSENTRY_HTTP$/, also: ['service'] },
  },
}

/** Mistakes of operators, by what they are. Each is made on a sound installation, and mended before the next one. */
export const MISTAKES: Readonly<Record<string, Mistake>> = {
  ...inSettings,
  ...inDatabase,
  ...inFolders,
  ...inFilesOfAsterisk,
  ...inRunningAsterisk,
  ...ofUnits,
}
