import {BaseCommand, engineFlag, seedFlag, table} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import type {Inspected} from '../../inspect-teacher.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../inspect-teacher.ts')

export default class DefendInspect extends BaseCommand {
  static override summary = 'See what the Shuffling Vaccine makes of a teacher'
  static override description = [
    "Shuffles the input channels of the teacher's last convolutions, more and more of them, and looks at what is left on",
    'images that have nothing to do with the task: on how many of them teacher and shuffled ensemble agree (these the vaccine suspects),',
    'which class the ensemble falls back to, and, with a trigger, how many stamped images still go to the target. Where most do,',
    'the vaccine has something to hold on to.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> teacher.safetensors',
    {
      description: 'Does this backdoor survive, and with how many shuffled layers?',
      command: '<%= config.bin %> <%= command.id %> poisoned.safetensors --trigger badnet_grid:0',
    },
  ]
  static override args = {
    teacher: Args.string({
      required: true,
      description: 'Model file: PyTorch, safetensors, ONNX, Keras or TensorFlow.js',
    }),
  }
  static override flags = {
    arch: Flags.string({helpValue: 'NAME', summary: 'Architecture, where its file leaves it open.'}),
    mean: Flags.string({
      helpValue: 'a,b,c',
      dependsOn: ['std'],
      summary: 'Of the input, where no card says.',
    }),
    std: Flags.string({helpValue: 'a,b,c', dependsOn: ['mean'], summary: 'Divided by after that.'}),
    trigger: Flags.string({
      helpValue: 'T',
      summary: 'NAME:TARGET or image.png[,mask.png]:TARGET.',
    }),
    layers: Flags.integer({default: 5, min: 1, max: 100, helpValue: 'N', summary: 'Up to so many layers.'}),
    copies: Flags.integer({
      default: 3,
      min: 1,
      max: 10,
      helpValue: 'N',
      summary: 'Shuffled copies in an ensemble.',
    }),
    ensembles: Flags.integer({
      default: 4,
      min: 1,
      max: 50,
      helpValue: 'N',
      summary: 'Independent ensembles, averaged.',
    }),
    images: Flags.integer({
      default: 400,
      min: 40,
      max: 20_000,
      helpValue: 'N',
      summary: 'Images to look on.',
    }),
    engine: engineFlag(),
    seed: seedFlag,
  }

  async run(): Promise<Inspected> {
    const {args, flags} = await this.parse(DefendInspect)
    const {inspectTeacher} = await work()
    const registry = await this.registry()
    await using context = await this.context(flags)
    const {layers, copies, ensembles, images} = flags
    const inspected = await inspectTeacher(
      {
        path: args.teacher,
        layers,
        copies,
        ensembles,
        images,
        ...(flags.arch === undefined ? {} : {architecture: flags.arch}),
        ...(flags.mean === undefined ? {} : {mean: flags.mean}),
        ...(flags.std === undefined ? {} : {std: flags.std}),
        ...(flags.trigger === undefined ? {} : {trigger: flags.trigger}),
      },
      {registry, context},
    )
    const percent = (value: number) => `${(100 * value).toFixed(1)} %`
    const stamped = flags.trigger !== undefined
    this.log(
      table(
        [
          'LAYERS',
          'FROM',
          'AGREEMENT',
          'TAIL',
          'FALLS BACK TO',
          ...(stamped ? ['STAMPED KEEP THE TARGET'] : []),
        ],
        inspected.inspections.map(({layers: n, first, agreement, tail, fallback, kept}) => [
          String(n),
          first,
          percent(agreement),
          percent(tail),
          `class ${fallback.class} (${percent(fallback.share)})`,
          ...(kept === null ? [] : [percent(kept)]),
        ]),
        [0, 2, 3, 5],
      ),
    )
    return inspected
  }
}
