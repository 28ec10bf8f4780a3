import type {Compat, DistilRequest, Distilled, RetrospectRequest} from '@abd/core/distil'
import {Args, Flags} from '@oclif/core'
import {basename} from 'node:path'
import {BaseCommand, bf16Flag, eagerFlag, engineFlag, seedFlag} from './base-command.ts'
import {printable} from './printable.ts'
import {table} from './table.ts'
import {trackingFlags} from './tracking-flags.ts'
import type {TrackingFlags} from './tracking-flags.ts'

/** What the commands that distil share. */
export const distillation = {
  args: {
    teacher: Args.string({
      required: true,
      description: 'Model file: PyTorch, safetensors, ONNX, Keras or TensorFlow.js',
    }),
  },
  flags: {
    student: Flags.string({default: 'wrn-16-1', helpValue: 'NAME', summary: "The student's architecture."}),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary:
        'An option of the method, or, as defence.NAME=VALUE, of a defence, or, as trigger.NAME=VALUE, of the trigger. Repeatable.',
    }),
    epochs: Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'The same as --set epochs=N, for a method that counts epochs.',
    }),
    compat: Flags.option({
      options: ['abd'] as const satisfies readonly Compat[],
      helpValue: 'abd',
      summary: "With the quirks of ABD's reference implementation, where --set says nothing else.",
    })(),
    arch: Flags.string({
      helpValue: 'NAME',
      summary: "The teacher's architecture, where its file leaves it open.",
    }),
    mean: Flags.string({
      helpValue: 'a,b,c',
      dependsOn: ['std'],
      summary: "Of the teacher's input, where no card says.",
    }),
    std: Flags.string({helpValue: 'a,b,c', dependsOn: ['mean'], summary: 'Divided by after that.'}),
    data: Flags.string({helpValue: 'signs|PATH', summary: 'Labelled data to measure on; never trained on.'}),
    trigger: Flags.string({
      helpValue: 'T',
      summary: 'To measure the ASR of: NAME:TARGET or image.png[,mask.png]:TARGET.',
    }),
    out: Flags.string({
      default: 'student.safetensors',
      helpValue: 'FILE',
      summary: 'Where the weights go: .safetensors, .pt or .pth.',
    }),
    resume: Flags.boolean({summary: 'Go on from the checkpoint that an interrupted run left beside --out.'}),
    'keep-checkpoint': Flags.boolean({
      summary: 'Leave the checkpoint beside --out when the run has ended, as abd defend retrospect takes it.',
    }),
    'measure-every': Flags.integer({
      min: 1,
      helpValue: 'STEPS',
      summary: 'Measure the student on its way, too: the curve is in --json.',
    }),
    sheet: Flags.string({
      helpValue: 'FILE',
      summary: 'Write a PNG of images that the student was taught with.',
    }),
    engine: engineFlag(),
    eager: eagerFlag,
    bf16: bf16Flag,
    seed: seedFlag,
    'dry-run': Flags.boolean({summary: 'Check everything, print the resolved configuration, and stop.'}),
    ...trackingFlags,
  },
}

/** What a distillation and a stage after it have in common. */
interface Output extends TrackingFlags {
  readonly compat?: Compat | undefined
  readonly data?: string | undefined
  readonly trigger?: string | undefined
  readonly out: string
  readonly resume: boolean
  readonly 'keep-checkpoint': boolean
  readonly 'measure-every'?: number | undefined
  readonly sheet?: string | undefined
  readonly 'dry-run': boolean
  readonly engine: string
}

interface Given extends Output {
  readonly student: string
  readonly set?: readonly string[] | undefined
  readonly epochs?: number | undefined
  readonly arch?: string | undefined
  readonly mean?: string | undefined
  readonly std?: string | undefined
  readonly seed: number
}

interface GivenStage extends Output {
  readonly teacher?: string | undefined
  readonly steps?: number | undefined
  readonly 'learning-rate': string
  /** `name=value` of the trigger. */
  readonly triggerSettings: readonly string[]
}

/** A command that distils, by what those flags and its own say. */
export abstract class DistilCommand extends BaseCommand {
  protected async distil(
    teacher: string,
    flags: Given,
    chosen: Pick<DistilRequest, 'method' | 'defences'>,
  ): Promise<Distilled> {
    const {distilStudent} = await import('@abd/core/distil')
    const {withEpochs} = await import('@abd/core/train')
    const settings = withEpochs(flags.set, flags.epochs)
    const registry = await this.registry()
    const against = chosen.defences.length > 0 ? ` with ${chosen.defences.join(' and ')}` : ''
    return this.tracked(
      untrackedWhenDry(flags),
      {name: `${chosen.method}${against}: ${basename(teacher)}`},
      async (recorder) => {
        await using context = await this.context(flags, recorder)
        const distilled = await distilStudent(requestOf(teacher, flags, {...chosen, settings}), {
          registry,
          context,
        })
        this.log(tell(distilled))
        return distilled
      },
    )
  }

  protected async retrospect(
    checkpoint: string,
    flags: GivenStage,
    defence: RetrospectRequest['defence'],
  ): Promise<Distilled> {
    const {retrospectStudent} = await import('@abd/core/distil')
    const registry = await this.registry()
    return this.tracked(
      untrackedWhenDry(flags),
      {name: `retrospection: ${basename(checkpoint)}`},
      async (recorder) => {
        // The seed is the checkpoint's.
        await using context = await this.context({...flags, seed: 0}, recorder)
        const distilled = await retrospectStudent(
          {
            ...outputOf(flags),
            checkpoint,
            defence,
            triggerSettings: flags.triggerSettings,
            learningRate: Number(flags['learning-rate']),
            ...(flags.teacher === undefined ? {} : {teacher: flags.teacher}),
            ...(flags.steps === undefined ? {} : {steps: flags.steps}),
          },
          {registry, context},
        )
        this.log(tell(distilled))
        return distilled
      },
    )
  }
}

/** A dry run is no run. */
const untrackedWhenDry = (flags: Output): TrackingFlags => (flags['dry-run'] ? {track: false} : flags)

const requestOf = (
  teacher: string,
  flags: Given,
  {method, defences, settings}: Pick<DistilRequest, 'method' | 'defences' | 'settings'>,
): DistilRequest => ({
  ...outputOf(flags),
  teacher,
  method,
  defences,
  student: flags.student,
  settings,
  ...(flags.arch === undefined ? {} : {architecture: flags.arch}),
  ...(flags.mean !== undefined && flags.std !== undefined ? {mean: flags.mean, std: flags.std} : {}),
})

const outputOf = (flags: Output) => ({
  out: flags.out,
  resume: flags.resume,
  keepCheckpoint: flags['keep-checkpoint'],
  dryRun: flags['dry-run'],
  ...(flags.compat === undefined ? {} : {compat: flags.compat}),
  ...(flags['measure-every'] === undefined ? {} : {measureEvery: flags['measure-every']}),
  ...(flags.sheet === undefined ? {} : {sheet: flags.sheet}),
  ...(flags.data === undefined ? {} : {data: flags.data}),
  ...(flags.trigger === undefined ? {} : {trigger: flags.trigger}),
})

function tell({configuration, measured, files}: Distilled): string {
  const percent = (share: number | null) => (share === null ? '–' : `${share.toFixed(1)} %`)
  if (!measured)
    return `Would do this, and write ${printable(configuration.out)}:\n${JSON.stringify(configuration, null, 2)}`
  const {teacher, before, student} = measured
  const rows = Object.entries({teacher, ...(before && {before}), student}).map(
    ([who, {accuracyPercent, asrPercent}]) => [who, percent(accuracyPercent), percent(asrPercent)],
  )
  const told = measured.student.accuracyPercent !== null || measured.student.asrPercent !== null
  return [
    ...(told ? [table(['', 'ACCURACY', 'ASR'], rows, [1, 2])] : []),
    ...(measured.asrOn === 'patches'
      ? ['ASR on patches: without --data there are no images of the task.']
      : []),
    `Wrote ${files.map(printable).join(', ')}`,
  ].join('\n')
}
