import {openEngine} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {inTurns} from './in-turns.ts'
import type {Repeated} from './in-turns.ts'
import {matchingSteps} from './matching-steps.ts'
import {oodSteps} from './ood-steps.ts'

interface Steps extends Pick<Case, 'name' | 'summary' | 'runs'> {
  readonly target?: number
  start(engine: Engine): Promise<Repeated>
}

/** Captured steps, each timed. */
const steps = ({start, ...told}: Steps): Case => ({
  ...told,
  unit: 's',
  better: 'smaller',
  async setUp() {
    const engine = await openEngine('auto')
    const repeated = await start(engine)
    return {
      run: () => timed(repeated.next),
      async tearDown() {
        repeated[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
})

const OOD = 'OOD distillation step, batch 128, WRN-16-1 to WRN-16-1 (teacher forward included)'
const MATCHING = "A student's step in a cycle of ZSKT, WRN-16-1"

export const studentSteps: readonly Case[] = [
  steps({name: 'student-step', summary: OOD, runs: 20, start: (engine) => oodSteps(engine)}),
  inTurns({name: 'captured-step', summary: OOD, runs: 20, target: 0.6, start: (engine) => oodSteps(engine)}),
  inTurns({
    name: 'captured-zskt-step',
    summary: `${MATCHING}, batch 128`,
    runs: 20,
    target: 0.6,
    start: (engine) => matchingSteps(engine, 128),
  }),
  steps({
    name: 'batch-1-step',
    summary: `${MATCHING}, batch 1 (with TF_NUM_INTRAOP_THREADS=1 on one thread)`,
    runs: 200,
    target: 0.008,
    start: (engine) => matchingSteps(engine, 1),
  }),
]
