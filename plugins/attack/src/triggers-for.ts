import type {Context, ImageShape, Registry} from '@abd/core'
import {AbdError, optionNames, usageError} from '@abd/core'
import {optionsByTrigger} from '@abd/core/audit'
import type {Trigger} from '@abd/core/data'

/**
 * The trigger of this name, or all that can be made for this shape and, after them, why the others cannot.
 * Throws E_TRIGGER_UNKNOWN, E_OPTIONS, E_SETTING and, for a single one, E_TRIGGER_SHAPE.
 */
export function triggersFor(
  {
    trigger,
    image,
    settings = [],
  }: {
    readonly trigger: string
    /** For those that take a picture. */
    readonly image?: string | undefined
    /** `sig.form=additive` */
    readonly settings?: readonly string[] | undefined
  },
  shape: ImageShape,
  registry: Registry,
  context: Context,
): {readonly made: readonly Trigger[]; readonly refused: readonly string[]} {
  const make = (name: string, options: unknown) =>
    registry.create(
      'trigger',
      name,
      options,
      context,
    )({height: shape.height, width: shape.width, channels: shape.channels})
  const picture = image === undefined ? {} : {image}
  const names = trigger === 'all' ? registry.list('trigger').map(({name}) => name) : [trigger]
  const own = optionsByTrigger(settings, names, registry)
  if (trigger !== 'all') {
    const method = registry.get('trigger', trigger)
    const {name} = method
    if (image !== undefined && !optionNames(method).includes('image'))
      throw usageError({
        code: 'E_OPTIONS',
        message: `--image ${image}: the trigger ${name} takes no picture.`,
        hints: ['Leave --image out, or preview a trigger that takes one: --trigger blend'],
      })
    return {made: [make(name, {...picture, ...own[name]})], refused: []}
  }

  const made: Trigger[] = []
  const refused: string[] = []
  for (const {name, options: schema} of registry.list('trigger'))
    try {
      made.push(make(name, {...(schema.safeParse(picture).success ? picture : {}), ...own[name]}))
    } catch (error) {
      if (!(error instanceof AbdError) || error.code !== 'E_TRIGGER_SHAPE') throw error
      refused.push(error.message)
    }
  if (made.length === 0)
    throw usageError({
      code: 'E_TRIGGER_SHAPE',
      message: `No trigger can be put on images of ${shape.height}x${shape.width}x${shape.channels}.`,
      hints: ['Preview them on other images.'],
    })
  return {made, refused}
}
