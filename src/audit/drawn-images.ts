import type {Context} from '../context.ts'
import type {Images} from '../data/images.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import {distilStudent} from './distil-student.ts'

const STEPS = 200

/** Of them the student takes one for ten of the generator: it is thrown away, and no loss of the generator asks for it. */
const CYCLES = 20

/**
 * Images that a generator draws which nothing but the teacher has taught: DFQ's, without the student's part in its loss, so that
 * images are what the teacher is sure of, of each class as many, and near to the running statistics of its BatchNorms, where
 * it has any. `count` images of the teacher's size. Throws E_DISTILLER_UNKNOWN where no plugin brings `dfq`.
 */
export async function drawnImages(
  teacher: Model,
  count: number,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): Promise<Images> {
  const remembers = [...teacher.network.parameters.keys()].some((name) => name.endsWith('.running_mean'))
  const {student, samples} = await distilStudent(teacher, {
    plan: {
      distiller: 'dfq',
      options: {
        adversarial: 0,
        inversion: remembers ? 1 : 0,
        epochs: 1,
        cycles: CYCLES,
        generatorSteps: STEPS / CYCLES,
        studentSteps: 1,
        batch: 100,
      },
      student: 'wrn-10-1',
      defences: [],
    },
    defence: null,
    label: 'Training a generator of images',
    registry,
    context: {...context, random: context.random.fork('drawn images')},
    samples: count,
  })
  student[Symbol.dispose]()
  return samples!
}
