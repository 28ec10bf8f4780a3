import type {ChildRecorder, Recorder} from '../recorder.ts'
import type {JobResult} from './job-result.ts'

/** What a job found, as a run of its own: of commands that record none themselves. */
export function recordJob(recorder: Recorder, result: JobResult): void {
  const {id, stage, parameters, command, values, curve, host, seconds} = result
  recorder.params({...parameters, job: stage, command: command.join(' ')})
  recorder.tags({'abd.sweep.job': id, 'abd.sweep.host': host})
  for (const {at, ...point} of curve) recorder.metrics(point, Math.round(at))
  recorder.metrics({...values, seconds}, Math.round(curve.at(-1)?.at ?? 0))
}

/** The same below the sweep's run. */
export function recordChild(sweep: Recorder, result: JobResult): void {
  const child: ChildRecorder = sweep.child(result.name)
  recordJob(child, result)
  child.end('FINISHED')
}
