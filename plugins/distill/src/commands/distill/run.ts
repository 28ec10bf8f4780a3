import {BaseCommand, engineFlag, printable, seedFlag, table} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import type {Distilled} from '../../distil-student.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../distil-student.ts')

export default class DistillRun extends BaseCommand {
  static override summary = 'Distil a student from a teacher, without its training data'
  static override description = `Trains a student to answer as the teacher does on images that have nothing to do with its task, with or without a
defence against backdoors, and writes its weights with a model card beside them. With data, accuracy is measured; with a
trigger, how far teacher and student obey it.`
  static override examples = [
    {
      description: 'A student, undefended',
      command: '<%= config.bin %> <%= command.id %> teacher.safetensors',
    },
    {
      description: 'With the Shuffling Vaccine, and what came of it',
      command:
        '<%= config.bin %> <%= command.id %> examples/teacher-poisoned.safetensors --defence shuffling_vaccine --set defence.layers=1 --data signs --trigger badnet_grid:0',
    },
    {
      description: 'Zero-shot knowledge transfer with both halves of ABD',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --method zskt --defence shuffling_vaccine --defence self_retrospection',
    },
    {
      description: 'Longer, on patches of your own pictures',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --epochs 50 --set patches=20000 --set source=holiday/',
    },
    {
      description: 'Only show what would be done',
      command: '<%= config.bin %> <%= command.id %> teacher.pt --set loss=mean --dry-run',
    },
  ]
  static override args = {
    teacher: Args.string({required: true, description: 'Model file: PyTorch .pt/.pth (zip) or .safetensors'}),
  }
  static override flags = {
    method: Flags.string({default: 'ood', helpValue: 'NAME', summary: 'How (see: abd methods distiller).'}),
    student: Flags.string({default: 'wrn-16-1', helpValue: 'NAME', summary: "The student's architecture."}),
    defence: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      summary: 'Against backdoors (see: abd methods defence); none by default. Repeatable.',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary: 'An option of the method, or, as defence.NAME=VALUE, of a defence. Repeatable.',
    }),
    epochs: Flags.integer({min: 1, helpValue: 'N', summary: 'The same as --set epochs=N.'}),
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
    engine: engineFlag(),
    seed: seedFlag,
    'dry-run': Flags.boolean({summary: 'Check everything, print the resolved configuration, and stop.'}),
  }

  async run(): Promise<Distilled> {
    const {args, flags} = await this.parse(DistillRun)
    const {distilStudent} = await work()
    const registry = await this.registry()
    await using context = await this.context(flags)
    const distilled = await distilStudent(
      {
        teacher: args.teacher,
        method: flags.method,
        student: flags.student,
        settings: [...(flags.set ?? []), ...(flags.epochs === undefined ? [] : [`epochs=${flags.epochs}`])],
        out: flags.out,
        dryRun: flags['dry-run'],
        defences: (flags.defence ?? []).filter((name) => name !== 'none'),
        ...(flags.arch === undefined ? {} : {architecture: flags.arch}),
        ...(flags.mean && flags.std ? {mean: flags.mean, std: flags.std} : {}),
        ...(flags.data === undefined ? {} : {data: flags.data}),
        ...(flags.trigger === undefined ? {} : {trigger: flags.trigger}),
      },
      {registry, context},
    )
    this.log(describe(distilled))
    return distilled
  }
}

function describe({configuration, measured, files}: Distilled): string {
  const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`)
  if (!measured)
    return `Would do this, and write ${printable(configuration.out)}:\n${JSON.stringify(configuration, null, 2)}`
  const rows = [measured.teacher, measured.student].map(({accuracy, asr}, i) => [
    ['teacher', 'student'][i]!,
    percent(accuracy),
    percent(asr),
  ])
  const told = measured.student.accuracy !== null || measured.student.asr !== null
  return [
    ...(told ? [table(['', 'ACCURACY', 'ASR'], rows, [1, 2])] : []),
    ...(measured.asrOn === 'patches'
      ? ['ASR on patches: without --data there are no images of the task.']
      : []),
    `Wrote ${files.map(printable).join(', ')}`,
  ].join('\n')
}
