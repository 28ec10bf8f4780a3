import {silent} from '../context.ts'
import type {Engine} from '../engine/engine.ts'
import {createRandom} from '../engine/create-random.ts'
import {trainClassifier, TrainingOptions} from '../train/train-classifier.ts'
import {insistOnAll, insistOnSame} from './compare-steps.ts'
import type {Taken} from './compare-steps.ts'
import type {Clause} from './contract.ts'
import {engineThat} from './engine-that.ts'
import {tinyModel, weightsOf} from './tiny-model.ts'

const [STEPS, BATCH] = [20, 8] as const

const courses = [
  {name: 'sgd', optimiser: 'sgd', adversarial: 0},
  {name: 'adam', optimiser: 'adam', adversarial: 0},
  {name: 'sgd on adversarial images', optimiser: 'sgd', adversarial: 8},
] as const
type Course = Omit<(typeof courses)[number], 'name'>

/**
 * That the steps of a classifier's training are the same as one graph, by either optimiser and on adversarial images, as `capturedClauses` says for
 * distillers'; the rate is a tenth of the default.
 */
export const capturedTraining = (engine: () => Engine): readonly Clause[] =>
  courses.flatMap(({name, ...course}): Clause[] => [
    {
      name: `training by ${name}: captured as a graph, twenty steps lead where they lead operation by operation`,
      async check() {
        const [captured, eager] = [
          await steps(engine(), {...course, captures: true}),
          await steps(engine(), {...course, captures: false}),
        ]
        insistOnAll(captured, eager, STEPS)
      },
    },
    {
      name: `training by ${name}: captured twice, it takes the same steps bit for bit`,
      async check() {
        const once = () => steps(engine(), {...course, captures: true})
        insistOnSame(await once(), await once())
      },
    },
  ])

/** As many epochs of one batch. */
async function steps(
  engine: Engine,
  {optimiser, adversarial, captures}: Course & {readonly captures: boolean},
): Promise<Taken> {
  const notes: string[] = []
  const random = createRandom(1)
  using model = tinyModel(random.fork('model'))
  const before = await weightsOf(model.network)
  const options = TrainingOptions.parse({
    optimiser,
    adversarial,
    epochs: STEPS,
    batch: BATCH,
    shift: 1,
    learningRate: optimiser === 'sgd' ? 0.01 : 1e-4,
    weightDecay: optimiser === 'sgd' ? 5e-4 : 0,
  })
  const context = {
    engine: engineThat(engine, {captures, note: (line) => void notes.push(line)}),
    random,
    progress: silent,
    signal: new AbortController().signal,
  }
  const pixels = random.fork('pixels').uniforms(BATCH * 8 * 8 * 3)
  const images = {
    count: BATCH,
    height: 8,
    width: 8,
    channels: 3,
    data: Uint8Array.from(pixels, (p) => p * 256),
  }
  const data = {images, labels: Int32Array.from({length: BATCH}, (_, i) => i % 3)}
  const losses: {loss: number}[] = []
  for await (const {loss} of trainClassifier(model, {train: data, test: data}, {options, context}))
    losses.push({loss})
  return {notes, losses, before, variables: await weightsOf(model.network), prefix: ''}
}
