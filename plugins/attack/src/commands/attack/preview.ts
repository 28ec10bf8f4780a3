import {BaseCommand, printable, seedFlag, table} from '@abd/cli'
import {Flags} from '@oclif/core'
import type {Preview} from '../../preview.ts'

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
      description: 'A picture of yours, blended in',
      command: '<%= config.bin %> <%= command.id %> --trigger blend --image cat.jpg',
    },
  ]
  static override flags = {
    trigger: Flags.string({
      default: 'all',
      helpValue: 'NAME|all',
      summary: 'Which trigger (see: abd methods trigger).',
    }),
    dataset: Flags.string({
      default: 'signs',
      helpValue: 'signs|PATH',
      summary:
        'The images: rendered traffic signs, or a picture, a folder of pictures, idx files, CIFAR-10 batches, .npz.',
    }),
    image: Flags.file({
      helpValue: 'FILE',
      summary: 'The picture for the triggers that take one (blend, smooth).',
    }),
    count: Flags.integer({default: 4, min: 1, max: 16, helpValue: 'N', summary: 'How many images.'}),
    out: Flags.file({default: 'preview.png', helpValue: 'FILE', summary: 'Where the PNG goes.'}),
    seed: seedFlag,
  }

  async run(): Promise<{out: string; triggers: readonly Preview[]}> {
    const {flags} = await this.parse(AttackPreview)
    const {writePng} = await import('@abd/core/data')
    const {preview} = await import('../../preview.ts')
    const {imagesToPreview} = await import('../../images-to-preview.ts')
    const {triggersFor} = await import('../../triggers-for.ts')
    const registry = await this.registry()
    await using context = await this.context({engine: 'cpu', seed: flags.seed})

    const images = await imagesToPreview(flags.dataset, flags.count, context)
    const {made, refused} = triggersFor(flags, images, registry, context)
    const {sheet, effects} = preview(images, made)
    await writePng(flags.out, sheet)

    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
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
