import {openEngine} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

/** Something that is done over and over, as one of two engines captures it. */
export interface Repeated extends Disposable {
  next(): Promise<void>
}

export interface InTurns extends Pick<Case, 'name' | 'summary' | 'runs'> {
  readonly target?: number
  start(engine: Engine): Promise<Repeated>
}

/** The same captured and operation by operation, in turns, so that what else a machine does is in both: the one's time over the other's. */
export const inTurns = ({name, summary, runs, target, start}: InTurns): Case => ({
  name,
  summary: `${summary}: captured over operation by operation, in turns`,
  unit: 'ratio',
  better: 'smaller',
  ...(target === undefined ? {} : {target}),
  runs,
  async setUp() {
    const engine = await openEngine('auto')
    const eagerEngine = await openEngine('auto', {eager: true})
    const [captured, eager] = [await start(engine), await start(eagerEngine)]
    return {
      async run() {
        const of = {captured: await timed(captured.next), eager: await timed(eager.next)}
        return {figure: of.captured / of.eager, of}
      },
      async tearDown() {
        for (const one of [captured, eager]) one[Symbol.dispose]()
        for (const one of [eagerEngine, engine]) await one[Symbol.asyncDispose]()
      },
    }
  },
})
