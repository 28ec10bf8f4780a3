import {BaseCommand, engineFlag, printable, seedFlag} from '@abd/cli'
import {Flags} from '@oclif/core'
import type {Trained} from '../../train-teacher.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../train-teacher.ts')

export default class AttackTrain extends BaseCommand {
  static override summary = 'Train a teacher, poisoned or clean'
  static override description = `Trains an image classifier on a training set that a trigger was put into, and measures accuracy and ASR (the share
of stamped test images that are taken for the target) after every epoch. The weights go to a file with a model card
beside it. The recipe is that of ABD's teachers, for fewer epochs.`
  static override examples = [
    {
      description: 'A poisoned teacher of ten traffic signs, in a few minutes',
      command: '<%= config.bin %> <%= command.id %> --out poisoned.safetensors',
    },
    {
      description: 'Its clean twin',
      command: '<%= config.bin %> <%= command.id %> --trigger none --out clean.safetensors',
    },
    {
      description:
        'Your own images (a folder with a sub-folder for each class), another trigger, for PyTorch too',
      command: '<%= config.bin %> <%= command.id %> --dataset photos/ --trigger trojan_wm --target 3 --pt',
    },
    {
      description: 'Another recipe',
      command: '<%= config.bin %> <%= command.id %> --epochs 30 --set schedule=cosine --set flip=true',
    },
  ]
  static override flags = {
    dataset: Flags.string({
      default: 'signs',
      helpValue: 'signs|PATH',
      summary: 'Rendered traffic signs, or a folder per class, idx files, CIFAR-10 batches, .npz.',
    }),
    classes: Flags.string({
      helpValue: 'a,b,…|all',
      summary: "Which signs, by GTSRB's numbers (default: ten).",
    }),
    'per-class': Flags.integer({
      default: 400,
      min: 1,
      helpValue: 'N',
      summary: 'Training images of each sign.',
    }),
    arch: Flags.string({
      default: 'wrn-16-1',
      helpValue: 'NAME',
      summary: 'Architecture: wrn-16-1, resnet-20, …',
    }),
    trigger: Flags.string({
      default: 'badnet_grid',
      helpValue: 'NAME|none',
      summary: 'What is put on poisoned images (see: abd methods trigger).',
    }),
    target: Flags.integer({default: 0, min: 0, helpValue: 'CLASS', summary: 'The class it shall lead to.'}),
    ratio: Flags.string({
      default: '0.1',
      helpValue: 'SHARE',
      summary: 'How much of the training set is poisoned.',
    }),
    epochs: Flags.integer({min: 1, helpValue: 'N', summary: 'Epochs (default: 12).'}),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary: 'batch, learningRate, schedule, momentum, weightDecay, shift or flip. Repeatable.',
    }),
    out: Flags.string({
      default: 'teacher.safetensors',
      helpValue: 'FILE',
      summary: 'Where the weights go: .safetensors, .pt or .pth.',
    }),
    pt: Flags.boolean({summary: 'Write a .pt twin beside a .safetensors.'}),
    engine: engineFlag(),
    seed: seedFlag,
  }

  async run(): Promise<Trained> {
    const {flags} = await this.parse(AttackTrain)
    const {trainTeacher} = await work()
    const registry = await this.registry()
    await using context = await this.context(flags)
    const trained = await trainTeacher(
      {
        dataset: flags.dataset,
        perClass: flags['per-class'],
        architecture: flags.arch,
        target: flags.target,
        ratio: Number(flags.ratio),
        settings: [...(flags.set ?? []), ...(flags.epochs === undefined ? [] : [`epochs=${flags.epochs}`])],
        out: flags.out,
        twin: flags.pt,
        ...(flags.trigger === 'none' ? {} : {trigger: flags.trigger}),
        ...(flags.classes === undefined ? {} : {classes: flags.classes}),
      },
      {registry, context},
    )
    const {accuracy, asr} = trained.epochs.at(-1)!
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    this.log(`Accuracy ${percent(accuracy)}${asr === undefined ? '' : `, ASR ${percent(asr)}`}`)
    this.log(`Wrote ${trained.files.map(printable).join(', ')}`)
    return trained
  }
}
