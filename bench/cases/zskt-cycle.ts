import type {Context, DefenceFactory} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import type {Model} from '@abd/core/nn'
import {selfRetrospection, shufflingVaccine} from '@abd/plugin-defend/index'
import {zskt} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {contextOn} from './context-on.ts'
import {randomModel, teacherOn} from './models.ts'

type Defend = (context: Context) => DefenceFactory

interface Cycles extends Disposable {
  next(): Promise<void>
}

/** Cycles one after the other, each part captured as `distil` does; the first, which prepares graphs, is taken here. */
async function cyclesOf(engine: Engine, teacher: Model, defend?: Defend): Promise<Cycles> {
  const student = randomModel('wrn-16-1', 'student')
  const context = contextOn(engine)
  const defence = defend?.(context)({teacher, student}) ?? {}
  const distiller = zskt.create(zskt.options.parse({}), context)({teacher, student, defence})
  const capture = engine.capture({label: 'A cycle', times: 1000})
  let index = 0
  const next = async () => {
    const parts = distiller.parts!(index++, 0)
    for (;;) {
      const part = capture.run(() => parts.next())
      if (!part.done) continue
      await Promise.all(Object.values(part.value).map((loss) => loss.data()))
      tf.dispose(part.value)
      return
    }
  }
  await next()
  return {
    next,
    [Symbol.dispose]() {
      for (const piece of [capture, distiller, defence]) piece[Symbol.dispose]?.()
    },
  }
}

const vaccine: Defend = (context) => shufflingVaccine.create(shufflingVaccine.options.parse({}), context)
const retrospection: Defend = (context) =>
  selfRetrospection.create(selfRetrospection.options.parse({start: 0}), context)

/** What the reference's sweeps distil: WRN-16-2 to WRN-16-1 on images of 32 x 32, batch 128. */
const cycle = (
  name: string,
  what: string,
  {runs, defend}: {readonly runs: number; readonly defend?: Defend},
): Case => ({
  name,
  summary: `One cycle of ZSKT ${what}: a step of the generator, ten of the student, batch 128, WRN-16-2 to WRN-16-1`,
  unit: 's',
  better: 'smaller',
  runs,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-2')
    const cycles = await cyclesOf(engine, teacher, defend)
    return {
      run: () => timed(cycles.next),
      async tearDown() {
        cycles[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
})

/** Undefended ones and defended ones in turns: what else a machine does meanwhile is in both. */
const overUndefended = (
  name: string,
  what: string,
  {runs, defend}: {readonly runs: number; readonly defend: Defend},
): Case => ({
  name,
  summary: `A cycle of ZSKT ${what}, over an undefended one, in turns`,
  unit: 'ratio',
  better: 'smaller',
  runs,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-2')
    const plain = await cyclesOf(engine, teacher)
    const defended = await cyclesOf(engine, teacher, defend)
    return {
      run: async () => (await timed(defended.next)) / (await timed(plain.next)),
      async tearDown() {
        for (const cycles of [plain, defended]) cycles[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
})

export const zsktCycles: readonly Case[] = [
  cycle('zskt-cycle', 'undefended', {runs: 5}),
  cycle('zskt-cycle-vaccine', 'with the Shuffling Vaccine', {runs: 5, defend: vaccine}),
  cycle('zskt-cycle-retrospection', 'with Self-Retrospection (of the teacher, ten rounds)', {
    runs: 1,
    defend: retrospection,
  }),
  overUndefended('zskt-vaccine-ratio', 'with the Shuffling Vaccine', {runs: 10, defend: vaccine}),
  overUndefended('zskt-retrospection-ratio', 'with Self-Retrospection (of the teacher, ten rounds)', {
    runs: 1,
    defend: retrospection,
  }),
]
