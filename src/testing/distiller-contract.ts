import type {Defence} from '../method.ts'
import type {StateDict} from '../modelfile/state-dict.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {capturedClauses} from './captured-clauses.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'
import {startPair} from './start-pair.ts'
import type {DistillerSubject} from './start-pair.ts'
import {changed, weightsOf} from './tiny-model.ts'

export type {DistillerSubject} from './start-pair.ts'

/** What the audit and the commands rely on, whatever the method of distillation. */
export function distillerContract(subject: DistillerSubject): readonly Clause[] {
  const {method} = subject
  return [
    {
      name: 'its options have defaults',
      async check() {
        insist(method.options.safeParse({}).success, 'options.parse({}) fails.')
      },
    },
    {
      name: 'the same seed gives the same student, another seed another',
      async check() {
        const student = async (seed: number) => {
          using pair = startPair(subject, seed)
          await pair.run()
          return weightsOf(pair.student.network)
        }
        const first = await student(1)
        insist(changed(first, await student(1)).length === 0, 'The same seed gave another student.')
        insist(changed(first, await student(2)).length > 0, 'Another seed gave the same student.')
      },
    },
    {
      name: 'it changes weights and running statistics of the student, and nothing of the teacher',
      async check() {
        using pair = startPair(subject, 1)
        const teacher = await weightsOf(pair.teacher.network)
        const student = await weightsOf(pair.student.network)
        await pair.run()
        const touched = changed(teacher, await weightsOf(pair.teacher.network))
        insist(touched.length === 0, `The teacher's ${touched.join(', ')} changed.`)
        const learnt = changed(student, await weightsOf(pair.student.network))
        const statistics = learnt.filter((name) => name.includes('running_'))
        insist(statistics.length > 0, "The student's running statistics did not change.")
        insist(learnt.length > statistics.length, "The student's weights did not change.")
      },
    },
    {
      name: 'its losses and the weights they lead to are finite',
      async check() {
        using pair = startPair(subject, 1)
        const losses = Object.entries(await pair.run())
        insist(losses.length > 0, 'There are no losses.')
        for (const [name, value] of losses) insist(Number.isFinite(value), `The loss ${name} is ${value}.`)
        for (const [name, values] of await weightsOf(pair.student.network))
          insist(values.every(Number.isFinite), `The student's ${name} is not finite.`)
      },
    },
    {
      name: 'steps leave no tensors behind once the first was taken',
      async check() {
        using pair = startPair(subject, 1)
        const counts: number[] = []
        await pair.run({afterStep: (losses) => counts.push(pair.tensors() - losses)})
        insist(counts.length >= 3, `Three steps are needed to tell; the options give ${counts.length}.`)
        insist(new Set(counts).size === 1, `Live tensors, step by step: ${counts.join(', ')}.`)
      },
    },
    {
      name: 'disposing of it gives back everything but teacher and student',
      async check() {
        using pair = startPair(subject, 1)
        await pair.run()
        pair.release()
        const left = pair.tensors() - pair.before
        insist(left === 0, `${left} tensors are left.`)
      },
    },
    {
      name: 'taken up again after any step, it goes on to the same student',
      async check() {
        using whole = startPair(subject, 1)
        if (!whole.distiller.state) return
        const kept: StateDict[] = []
        await whole.run({keep: async () => void kept.push(await resumableRun(whole).save())})
        const student = await weightsOf(whole.student.network)
        for (const [index, saved] of kept.slice(0, -1).entries()) {
          using resumed = startPair(subject, 1)
          await resumableRun(resumed).restore(saved)
          await resumed.run({from: index + 1})
          const other = changed(student, await weightsOf(resumed.student.network))
          insist(
            other.length === 0,
            `Left after step ${index + 1}, it ends with another ${other.join(', ')}.`,
          )
        }
      },
    },
    {
      name: 'it asks a defence about its images, and before the student learns from them',
      async check() {
        const asked = new Set<string>()
        const asking = (seam: string) => () => void asked.add(seam)
        const defence: Defence = {
          synthesisLoss: asking('synthesisLoss'),
          suspects: asking('suspects'),
          retrospect: asking('retrospect'),
        }
        using pair = startPair({...subject, defence: () => defence}, 1)
        await pair.run()
        insist(
          asked.has('synthesisLoss') || asked.has('suspects'),
          'Neither defence.synthesisLoss nor defence.suspects was called: the Shuffling Vaccine would do nothing.',
        )
        insist(
          asked.has('retrospect'),
          'defence.retrospect was not called: Self-Retrospection would do nothing.',
        )
      },
    },
    ...capturedClauses(subject),
    {
      name: 'it shows images that it taught with',
      async check() {
        using pair = startPair(subject, 1)
        await pair.run()
        // More than a batch: the verification of a defence wants many.
        const {count, height, width, channels, data} = await pair.distiller.sample(9)
        insist(
          count === 9 && data.length === count * height * width * channels,
          'The sample is not nine images.',
        )
        insist(
          data.some((value) => value !== data[0]),
          'The sample is of one colour.',
        )
      },
    },
  ]
}
