import type {Context, DefenceFactory} from '@abd/core'
import {silent} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import {selfRetrospection, shufflingVaccine} from '@abd/plugin-defend/index'
import {zskt} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {randomModel, teacherOn} from './models.ts'

/** What the reference's sweeps distil: WRN-16-2 to WRN-16-1 on images of 32 x 32, batch 128. */
const cycle = (
  name: string,
  what: string,
  runs: number,
  defend?: (context: Context) => DefenceFactory,
): Case => ({
  name,
  summary: `One cycle of ZSKT ${what}: a step of the generator, ten of the student, batch 128, WRN-16-2 to WRN-16-1`,
  unit: 's',
  better: 'smaller',
  runs,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-2')
    const student = randomModel('wrn-16-1', 'student')
    const context = {engine, random: createRandom(0), progress: silent, signal: new AbortController().signal}
    const defence = defend?.(context)({teacher, student}) ?? {}
    const distiller = zskt.create(zskt.options.parse({}), context)({teacher, student, defence})
    let index = 0
    return {
      run: () =>
        timed(async () => {
          const losses = tf.tidy(() => distiller.step(index++))
          await Promise.all(Object.values(losses).map((loss) => loss.data()))
          tf.dispose(losses)
        }),
      async tearDown() {
        distiller[Symbol.dispose]()
        defence[Symbol.dispose]?.()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
})

export const zsktCycles: readonly Case[] = [
  cycle('zskt-cycle', 'undefended', 5),
  cycle('zskt-cycle-vaccine', 'with the Shuffling Vaccine', 5, (context) =>
    shufflingVaccine.create(shufflingVaccine.options.parse({}), context),
  ),
  cycle('zskt-cycle-retrospection', 'with Self-Retrospection (of the teacher, ten rounds)', 1, (context) =>
    selfRetrospection.create(selfRetrospection.options.parse({start: 0}), context),
  ),
]
