import {DistilCommand, distillation, trackingFlags} from '@abd/cli'
import type {Distilled} from '@abd/core/distil'
import {Args, Flags} from '@oclif/core'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = async () => ({
  ...(await import('../../self-retrospection/as-stage.ts')),
  ...(await import('@abd/core/distil')),
})

const {compat, data, trigger, sheet, engine, eager, bf16} = distillation.flags

export default class DefendRetrospect extends DistilCommand {
  static override summary = 'Let a distilled student look back: Self-Retrospection after the run'
  static override description = [
    'Takes up a run of zskt, cmi or ood from its checkpoint, for a stage of its own in which the student finds and unlearns what',
    "moves its answers (ABD's Self-Retrospection, Hong et al., ICML 2023), as the reference implementation does it. The student, the",
    "generator or the synthesised images and the state of the vaccine are as the run left them; the student's optimiser begins anew,",
    "with a small learning rate that goes down to 0 along a cosine. The seed and the options of the run are the checkpoint's.",
  ].join(' ')
  static override examples = [
    {
      description: 'After a run with --keep-checkpoint, and what came of it',
      command:
        '<%= config.bin %> <%= command.id %> student.checkpoint.safetensors --data signs --trigger badnet_grid:0',
    },
    {
      description: 'Longer, with a perturbation found in twenty steps',
      command:
        '<%= config.bin %> <%= command.id %> student.checkpoint.safetensors --steps 600 --set rounds=20',
    },
    {
      description: 'Only show what would be done',
      command: '<%= config.bin %> <%= command.id %> student.checkpoint.safetensors --dry-run',
    },
  ]
  static override args = {
    checkpoint: Args.string({
      required: true,
      description: 'Checkpoint of a run, kept with --keep-checkpoint or left by an interruption',
    }),
  }
  static override flags = {
    teacher: Flags.string({helpValue: 'FILE', summary: "The run's teacher, where it was moved."}),
    steps: Flags.integer({
      min: 1,
      helpValue: 'N',
      summary:
        'Steps of the stage, up to the end of an epoch with cmi; the rest of the run, or a tenth of it where it has ended.',
    }),
    'learning-rate': Flags.string({
      default: '5e-4',
      helpValue: 'R',
      summary: "Of the student's new optimiser, at the start.",
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary:
        'An option of self_retrospection (see: abd methods defence self_retrospection) or, as trigger.NAME=VALUE, of the trigger. Repeatable.',
    }),
    compat,
    data,
    trigger,
    out: Flags.string({
      default: 'retrospected.safetensors',
      helpValue: 'FILE',
      summary: 'Where the weights go: .safetensors, .pt or .pth.',
    }),
    resume: Flags.boolean({
      summary: 'Go on from the checkpoint that an interrupted stage left beside --out.',
    }),
    'keep-checkpoint': Flags.boolean({
      summary: 'Leave the checkpoint beside --out when the stage has ended.',
    }),
    'measure-every': distillation.flags['measure-every'],
    sheet,
    engine,
    eager,
    bf16,
    'dry-run': distillation.flags['dry-run'],
    ...trackingFlags,
  }

  async run(): Promise<Distilled> {
    const {args, flags} = await this.parse(DefendRetrospect)
    const {asStage, partSettings} = await work()
    const {own: triggerSettings, others} = partSettings(flags.set ?? [], 'trigger.')
    return this.retrospect(args.checkpoint, {...flags, triggerSettings}, asStage(others))
  }
}
