import {openEngine} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {zskt} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {randomModel} from './models.ts'
import {contextOn} from './context-on.ts'

/** Seconds that each part of one cycle of ZSKT takes: the generator's step, then the student's. */
async function secondsOfParts(engine: Engine): Promise<number[]> {
  using teacher = randomModel('wrn-16-2', 'teacher')
  using student = randomModel('wrn-16-1', 'student')
  using distiller = zskt.create(zskt.options.parse({}), contextOn(engine))({teacher, student, defence: {}})
  using capture = engine.capture({label: 'A cycle', times: 1000})
  const parts = distiller.parts!(0, 0)
  const seconds: number[] = []
  for (;;) {
    const began = performance.now()
    const part = capture.run(() => parts.next())
    if (part.done) await Promise.all(Object.values(part.value).map((loss) => loss.data()))
    seconds.push((performance.now() - began) / 1000)
    if (!part.done) continue
    tf.dispose(part.value)
    return seconds
  }
}

export const capturingCost: Case = {
  name: 'capturing-cost',
  summary:
    'What the first time of a step takes beyond once more operation by operation: the most of any part of a cycle of ZSKT, batch 128',
  unit: 's',
  better: 'smaller',
  target: 3,
  runs: 3,
  async setUp() {
    const engine = await openEngine('auto')
    const eager = await openEngine('auto', {eager: true})
    return {
      async run() {
        const captured = await secondsOfParts(engine)
        const plain = await secondsOfParts(eager)
        const costs = captured.map((seconds, part) => seconds - plain[part]!)
        return {
          figure: Math.max(...costs),
          of: {
            generator: costs[0]!,
            'first of the student': costs[1]!,
            all: costs.reduce((sum, cost) => sum + cost, 0),
          },
        }
      },
      async tearDown() {
        await eager[Symbol.asyncDispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}
