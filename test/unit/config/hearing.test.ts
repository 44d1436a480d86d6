// Real: the reading of settings. Fake: none.
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'

const pbx = { ARI_USERNAME: 'consentry', ARI_PASSWORD: 'hush' }

t.test('each wrong setting of hearing is refused with what to give', async t => {
  const wrong: [name: string, value: string, advice: RegExp][] = [
    ['CONSENTRY_EAR_HOST', 'pbx.example', /give an IP address/],
    ['CONSENTRY_EAR_STREAMS', 'many', /whole number from 0/],
    ['CONSENTRY_VOSK_RU', 'http://127.0.0.1:2700', /give ws:\/\/host:port/],
    ['CONSENTRY_VOSK_RU', 'ws://user:word@127.0.0.1:2700', /without user and password/],
    ['CONSENTRY_VOSK_EN', 'ws://192.0.2.1:2700', /in clear: give wss:/],
    ['CONSENTRY_SHERPA_RU', '/srv/t-one', /kind:\/folder/],
    ['CONSENTRY_SHERPA_EN', 'whisper:/srv/model', /one of tone-ctc/],
    ['CONSENTRY_SHERPA_EN', 'tone-ctc:model', /kind:\/folder/],
  ]
  for (const [name, value, advice] of wrong)
    t.throws(
      () => readConfig({ ...pbx, [name]: value }),
      { code: 'config.invalid', message: new RegExp(`${name}: .*${advice.source}`) },
      `${name}=${value}`,
    )
})

t.test('servers on this machine, or behind TLS, are taken', async t => {
  for (const url of ['ws://localhost:2700', 'ws://[::1]:2700', 'wss://vosk.example'])
    t.equal(readConfig({ ...pbx, CONSENTRY_VOSK_RU: url }).hearing.vosk.ru, url)
})
