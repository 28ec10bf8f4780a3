import {BaseCommand, engineFlag, seedFlag, table} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import type {Evaluated} from '../../evaluate-teacher.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../evaluate-teacher.ts')

export default class AttackEvaluate extends BaseCommand {
  static override summary = 'Measure clean accuracy and how well attacks succeed'
  static override description = [
    'Accuracy is the share of all test images that are taken for what they are; ASR, for each trigger and target, the share',
    'of the test images of other classes that are taken for the target once they are stamped.',
  ].join(' ')
  static override examples = [
    {
      description: 'One backdoor, on rendered traffic signs',
      command: '<%= config.bin %> <%= command.id %> poisoned.safetensors --trigger badnet_grid:0',
    },
    {
      description: 'Several triggers towards several classes, on images of yours',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --data cifar-10-batches-bin/ --trigger sig --trigger trojan_wm --target 0 --target 1',
    },
    {
      description: 'A trigger of yours, for a script',
      command: '<%= config.bin %> <%= command.id %> teacher.pt --trigger sticker.png,mask.png:3 --json',
    },
    {
      description: 'The paper’s form of a trigger',
      command: '<%= config.bin %> <%= command.id %> teacher.pt --trigger sig:0 --set sig.form=additive',
    },
  ]
  static override args = {
    model: Args.string({
      required: true,
      description: 'Model file: PyTorch, safetensors, ONNX, Keras or TensorFlow.js',
    }),
  }
  static override flags = {
    data: Flags.string({
      default: 'signs',
      helpValue: 'signs|PATH',
      summary:
        'Test images with labels: rendered traffic signs, or CIFAR, GTSRB, .npz, .h5, a folder per class, …',
    }),
    trigger: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'T',
      summary: 'NAME[:TARGET] or image.png[,mask.png][:TARGET]. Repeatable.',
    }),
    target: Flags.integer({
      multiple: true,
      multipleNonGreedy: true,
      default: [0],
      min: 0,
      helpValue: 'CLASS',
      summary: 'Where triggers without a target of their own lead to. Repeatable: each is measured.',
    }),
    source: Flags.integer({
      multiple: true,
      multipleNonGreedy: true,
      min: 0,
      helpValue: 'CLASS',
      summary: 'Measure ASR on images of these classes only (source-specific triggers). Repeatable.',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TRIGGER.NAME=VALUE',
      summary: 'An option of a trigger. Repeatable.',
    }),
    arch: Flags.string({helpValue: 'NAME', summary: 'Architecture, where its file leaves it open.'}),
    mean: Flags.string({
      helpValue: 'a,b,c',
      dependsOn: ['std'],
      summary: 'Of the input, where no card says.',
    }),
    std: Flags.string({helpValue: 'a,b,c', dependsOn: ['mean'], summary: 'Divided by after that.'}),
    engine: engineFlag(),
    seed: seedFlag,
  }

  async run(): Promise<Evaluated> {
    const {args, flags} = await this.parse(AttackEvaluate)
    const {evaluateTeacher} = await work()
    const registry = await this.registry()
    await using context = await this.context(flags)
    const evaluated = await evaluateTeacher(
      {
        teacher: {
          path: args.model,
          ...(flags.arch === undefined ? {} : {architecture: flags.arch}),
          ...(flags.mean !== undefined && flags.std !== undefined ? {mean: flags.mean, std: flags.std} : {}),
        },
        data: flags.data,
        triggers: flags.trigger ?? [],
        targets: flags.target,
        settings: flags.set ?? [],
        sources: flags.source,
      },
      {registry, context},
    )
    const percent = (value: number) => `${value.toFixed(1)} %`
    this.log(
      table(
        ['', 'TARGET', 'IMAGES', 'ACCURACY', 'ASR'],
        [
          ['clean', '', String(evaluated.images), percent(evaluated.accuracyPercent), ''],
          ...evaluated.attacks.map(({trigger, target, images, asrPercent}) => [
            trigger,
            String(target),
            String(images),
            '',
            percent(asrPercent),
          ]),
        ],
        [1, 2, 3, 4],
      ),
    )
    return evaluated
  }
}
