import {BaseCommand, printable, seedFlag, table} from '@abd/cli'
import {Flags} from '@oclif/core'
import type {Effect} from '../../preview.ts'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../run-preview.ts')

export default class AttackPreview extends BaseCommand {
  static override summary = 'Draw what triggers do to images'
  static override description =
    'Writes a PNG with a row for each trigger: images as they are, stamped, and the change around grey.'
  static override examples = [
    {description: 'All triggers, on rendered traffic signs', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'One trigger, on images of yours',
      command: '<%= config.bin %> <%= command.id %> --trigger trojan_wm --dataset photos/ --out trojan.png',
    },
    {
      description: "The paper's form of sig, beside the reference's",
      command: '<%= config.bin %> <%= command.id %> --trigger sig --set sig.form=additive',
    },
    {
      description: 'A picture of yours, blended in',
      command: '<%= config.bin %> <%= command.id %> --trigger blend --image cat.jpg',
    },
  ]
  static override flags = {
    trigger: Flags.string({
      default: 'all',
      helpValue: 'NAME|all|FILE.png',
      summary: 'Which trigger (see: abd methods trigger), or a picture: image.png[,mask.png].',
    }),
    dataset: Flags.string({
      default: 'signs',
      helpValue: 'signs|PATH',
      summary:
        'The images: rendered traffic signs, or a picture, a folder of pictures, CIFAR, GTSRB, idx files, .npz, .h5.',
    }),
    image: Flags.file({
      helpValue: 'FILE',
      summary: 'The picture for the triggers that take one (blend, smooth).',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TRIGGER.NAME=VALUE',
      summary: 'An option of a trigger. Repeatable.',
    }),
    count: Flags.integer({default: 4, min: 1, max: 16, helpValue: 'N', summary: 'How many images.'}),
    out: Flags.file({default: 'preview.png', helpValue: 'FILE', summary: 'Where the PNG goes.'}),
    seed: seedFlag,
  }

  async run(): Promise<{out: string; triggers: readonly Effect[]}> {
    const {flags} = await this.parse(AttackPreview)
    const {runPreview} = await work()
    const registry = await this.registry()
    await using context = await this.context({engine: 'cpu', seed: flags.seed})
    const {effects, refused} = await runPreview(flags, registry, context)

    const percent = (share: number) =>
      share > 0 && share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`
    this.log(
      table(
        ['trigger', 'pixels changed', 'mean change of a byte', 'labels'],
        effects.map(({trigger, labels, pixels, change}) => [
          trigger,
          percent(pixels),
          change.toFixed(2),
          labels,
        ]),
        [1, 2],
      ),
    )
    for (const reason of refused) this.log(`Left out: ${printable(reason)}`)
    this.log(`Wrote ${printable(flags.out)}`)
    return {out: flags.out, triggers: effects}
  }
}
