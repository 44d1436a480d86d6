import pc from 'picocolors'
import { dayCheckOf } from '../../recordings/retain/day-check.js'
import { type DestroyedRecording, destroyRecording } from '../../rights/destroy-recording.js'
import { actor, reasonOf } from '../actor.js'
import { print, type Request } from '../command.js'
import { foundNowhere } from '../found-nowhere.js'
import { withProject } from '../with-project.js'

/** `rights destroy RECORDING --reason TEXT`; exits 1 while the recording stays. */
export async function destroy(request: Request, recording: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const done = await withProject(
    project => destroyRecording({ ...project, day: dayCheckOf(project) }, by, { recording, reason }),
    'destroyer',
  )
  print(request, done, report(done))
  return done.why === undefined ? 0 : 1
}

const WHY = {
  running: 'is still recorded; it is due, and the first purge after its end destroys it',
  left: 'is not destroyed yet; the next purge goes on',
  missing: 'was found in no store',
}

const report = ({ recording, act, why }: DestroyedRecording): string =>
  why === undefined
    ? `Destroyed: the recording ${recording}, under act ${act}.\n`
    : `${pc.yellow(`The recording ${recording} ${WHY[why]}.`)}\n${foundNowhere(why === 'missing' ? 1 : 0)}`
