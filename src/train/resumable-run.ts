import type {Defence, Distiller} from '../method.ts'
import type {Model} from '../nn/model.ts'
import {resumables} from './resumable.ts'
import type {Resumable} from './resumable.ts'
import {resumableNetwork} from './resumable-variables.ts'

/** All of a distillation that lives on from step to step. */
export const resumableRun = ({
  student,
  distiller,
  defence,
}: {
  readonly student: Model
  readonly distiller: Distiller
  readonly defence: Defence
}): Resumable =>
  resumables({
    student: resumableNetwork(student.network),
    distiller: distiller.state,
    defence: defence.state,
  })
