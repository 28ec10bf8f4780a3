import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'
import type {Evidence} from './detector.ts'
import type {Suspect} from './measure-suspects.ts'
import {measureSuspects} from './measure-suspects.ts'
import type {Demonstration} from './report-schema.ts'

/** On the teacher: the target is chosen on base images where none is named, the share measured on the held-out ones. */
export async function demonstrate(
  model: Model,
  given: readonly Suspect[],
  evidence: Evidence,
  context: Context,
): Promise<Demonstration[]> {
  const measured = await measureSuspects(model, given, {evidence, context, label: 'Triggers you named'})
  return given.map(({trigger, origin}, i) => ({
    trigger: trigger.name,
    origin,
    on: 'teacher',
    target: measured[i]!.target,
    asr: measured[i]!.asr,
    controlAsr: measured[i]!.controlAsr,
    images: measured[i]!.images(measured[i]!.target),
  }))
}
