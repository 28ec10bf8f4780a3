import type {Images} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {trainClassifier, TrainingOptions} from '@abd/core/train'
import type {Case} from '../case.ts'
import {inTurns} from './in-turns.ts'
import type {Repeated} from './in-turns.ts'
import {randomModel} from './models.ts'
import {contextOn} from './context-on.ts'
import {oodSteps} from './ood-steps.ts'

const [BATCH, STEPS] = [128, 50] as const

/** Epochs of one run. */
async function oodEpochs(engine: Engine): Promise<Repeated> {
  const steps = await oodSteps(engine, {patches: BATCH * STEPS, batch: BATCH})
  return {
    ...steps,
    async next() {
      for (let i = 0; i < STEPS; i++) await steps.next()
    },
  }
}

/** The same of a training, each measured on a few images, too. */
async function trainingEpochs(engine: Engine): Promise<Repeated> {
  const train = {
    images: noise(BATCH * STEPS),
    labels: Int32Array.from({length: BATCH * STEPS}, (_, i) => i % 10),
  }
  const test = {images: noise(BATCH), labels: new Int32Array(BATCH)}
  const epochs = trainClassifier(
    randomModel('wrn-16-1', 'teacher'),
    {train, test},
    {options: TrainingOptions.parse({epochs: 100, batch: BATCH}), context: contextOn(engine)},
  )
  return {
    async next() {
      await epochs.next()
    },
    [Symbol.dispose]: () => void epochs.return(undefined),
  }
}

function noise(count: number): Images {
  const random = createRandom('noise')
  const data = Uint8Array.from(random.uniforms(count * 32 * 32 * 3), (value) => value * 256)
  return {count, height: 32, width: 32, channels: 3, data}
}

export const epochsInTurns: readonly Case[] = [
  inTurns({
    name: 'captured-ood-epoch',
    summary: `An epoch of OOD distillation, ${STEPS} steps of ${BATCH}, WRN-16-1`,
    runs: 3,
    target: 1 / 1.7,
    start: oodEpochs,
  }),
  inTurns({
    name: 'captured-training-epoch',
    summary: `An epoch of a teacher's training, ${STEPS} steps of ${BATCH}, WRN-16-1`,
    runs: 3,
    target: 1 / 1.7,
    start: trainingEpochs,
  }),
]
