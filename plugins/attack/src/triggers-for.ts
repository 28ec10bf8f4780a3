import type {Context, ImageShape, Registry} from '@abd/core'
import {AbdError, usageError} from '@abd/core'
import type {Trigger} from '@abd/core/data'

/**
 * The trigger of this name, or all that can be made for this shape and, after them, why the others cannot.
 * Throws E_TRIGGER_UNKNOWN, E_OPTIONS and, for a single one, E_TRIGGER_SHAPE.
 */
export function triggersFor(
  {trigger, image}: {readonly trigger: string; readonly image?: string | undefined},
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
  const options = image === undefined ? {} : {image}
  if (trigger !== 'all') return {made: [make(trigger, options)], refused: []}

  const made: Trigger[] = []
  const refused: string[] = []
  for (const {name, options: schema} of registry.list('trigger'))
    try {
      made.push(make(name, schema.safeParse(options).success ? options : {}))
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
