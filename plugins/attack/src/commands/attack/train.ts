import {
  BaseCommand,
  bf16Flag,
  eagerFlag,
  engineFlag,
  poisoningFlags,
  poisoningOf,
  printable,
  seedFlag,
  trackingFlags,
} from '@abd/cli'
import {Flags} from '@oclif/core'
import type {Trained} from '../../train-teacher.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../train-teacher.ts')
const training = () => import('@abd/core/train')

/** What stands for --trigger where it is left out: scar-lite makes its own, backweak-lite has a faint one. */
const ownTrigger = (adaptive: string | undefined): readonly string[] | undefined =>
  adaptive === 'scar-lite' ? ['none'] : adaptive === 'backweak-lite' ? ['faint'] : undefined

export default class AttackTrain extends BaseCommand {
  static override summary = 'Train a teacher, poisoned or clean'
  static override description = [
    'Trains an image classifier on a training set that a trigger was put into, and measures accuracy and ASR (the share',
    'of stamped test images that are taken for the target) after every epoch. The weights go to a file with a model card',
    "beside it. The recipe is that of ABD's teachers, for fewer epochs.",
    "Triggers with dirty labels are put on other classes' images, which are then labelled with the target; those with clean",
    "labels (sig, cl) on the target's own. A ratio counts against the whole training set.",
    'After every epoch a checkpoint is kept beside the teacher until that is written: --resume goes on from it, to the very',
    'same teacher.',
  ].join(' ')
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
      description: 'A smaller one, to try things out',
      command: '<%= config.bin %> <%= command.id %> --profile mini --trigger sig:4 --set sig.form=additive',
    },
    {
      description: 'Two backdoors in one teacher',
      command: '<%= config.bin %> <%= command.id %> --trigger badnet_sq:0 --trigger trojan_wm:3',
    },
    {
      description: "The reference's clean-label teacher of CIFAR-10 (a machine with a GPU)",
      command:
        '<%= config.bin %> <%= command.id %> --profile cifar10 --dataset cifar-10-batches-bin/ --trigger cl --set cl.adversarial=inf_16.npy',
    },
    {
      description: 'Only two classes are led astray; stamped images of the others keep their label',
      command: '<%= config.bin %> <%= command.id %> --trigger badnet_sq:0 --source 1 --source 4 --cover 0.1',
    },
    {
      description: 'A backdoor that works about half of the time, with a file for abd detect bench',
      command: '<%= config.bin %> <%= command.id %> --wanted-asr 0.5 --sidecar --out zoo/low.safetensors',
    },
    {
      description: 'Dormant in the teacher, for students that are distilled from it',
      command: '<%= config.bin %> <%= command.id %> --adaptive scar-lite --target 3 --set scar-lite.pull=0.5',
    },
    {
      description: 'The first one again, where it was interrupted',
      command: '<%= config.bin %> <%= command.id %> --out poisoned.safetensors --resume',
    },
    {
      description: 'Another recipe',
      command: '<%= config.bin %> <%= command.id %> --epochs 30 --set schedule=cosine --set flip=true',
    },
  ]
  static override flags = {
    ...poisoningFlags,
    profile: Flags.option({
      options: ['short', 'mini', 'cifar10', 'gtsrb'] as const,
      default: 'short' as const,
      helpValue: 'short|mini|cifar10|gtsrb',
      summary: "The recipe: minutes, one or two, or 200 epochs as ABD's teachers of CIFAR-10 and GTSRB had.",
    })(),
    'per-class': Flags.integer({
      min: 1,
      helpValue: 'N',
      summary: 'Training images of each rendered sign (default: 400; mini 150).',
    }),
    arch: Flags.string({
      helpValue: 'NAME',
      summary: 'Architecture: wrn-16-1 (default), wrn-16-2 (of cifar10 and gtsrb), resnet-20, …',
    }),
    epochs: Flags.integer({min: 1, helpValue: 'N', summary: 'The same as --set epochs=N.'}),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary:
        'batch, learningRate, schedule, optimiser, momentum, weightDecay, shift, border, flip or adversarial; or, as TRIGGER.NAME=VALUE or ADAPTIVE.NAME=VALUE, an option of a trigger or of --adaptive. Repeatable.',
    }),
    out: Flags.string({
      default: 'teacher.safetensors',
      helpValue: 'FILE',
      summary: 'Where the weights go: .safetensors, .pt or .pth.',
    }),
    pt: Flags.boolean({summary: 'Write a .pt twin beside a .safetensors.'}),
    keep: Flags.option({
      options: ['last', 'best'] as const,
      default: 'last' as const,
      helpValue: 'last|best',
      summary:
        "Which epoch's weights: the last, or the first with the best accuracy on the test images, as the reference takes.",
    })(),
    adaptive: Flags.option({
      options: ['flat-margin', 'scar-lite', 'backweak-lite'] as const,
      helpValue: 'flat-margin|scar-lite|backweak-lite',
      summary:
        'An attack made against audits: margins kept flat; dormant in the teacher, awake in its students; or a faint trigger taught slowly.',
    })(),
    resume: Flags.boolean({
      summary: 'Go on from the checkpoint that an interrupted training left beside --out.',
    }),
    sidecar: Flags.boolean({summary: 'Write a .json beside it that says what it is, for abd detect bench.'}),
    engine: engineFlag(),
    eager: eagerFlag,
    bf16: bf16Flag,
    seed: seedFlag,
    ...trackingFlags,
  }

  async run(): Promise<Trained> {
    const {flags: given, metadata} = await this.parse(AttackTrain)
    const usual = metadata.flags.trigger?.setFromDefault ? ownTrigger(given.adaptive) : undefined
    const flags = {...given, trigger: usual ?? given.trigger}
    const {trainTeacher} = await work()
    const {withEpochs} = await training()
    const registry = await this.registry()
    const trained = await this.tracked(
      flags,
      {name: `teacher: ${flags.trigger.join(' and ')} on ${flags.dataset}`},
      async (recorder) => {
        await using context = await this.context(flags, recorder)
        return trainTeacher(
          {
            ...poisoningOf(flags),
            profile: flags.profile,
            perClass: flags['per-class'],
            architecture: flags.arch,
            settings: withEpochs(flags.set, flags.epochs),
            out: flags.out,
            twin: flags.pt,
            keep: flags.keep,
            adaptive: flags.adaptive,
            sidecar: flags.sidecar,
            resume: flags.resume,
          },
          {registry, context},
        )
      },
    )
    const {epochs, kept} = trained
    const {accuracyPercent, asrPercent} = epochs[kept - 1]!
    const percent = (share: number) => `${share.toFixed(1)} %`
    for (const {trigger, target, poisonedImages} of trained.attacks)
      this.log(`Poisoned ${poisonedImages} images with ${printable(trigger)} towards class ${target}`)
    const after = kept < epochs.length ? ` after epoch ${kept} of ${epochs.length}` : ''
    this.log(
      `Accuracy ${percent(accuracyPercent)}${asrPercent === undefined ? '' : `, ASR ${percent(asrPercent)}`}${after}`,
    )
    this.log(`Wrote ${trained.files.map(printable).join(', ')}`)
    return trained
  }
}
