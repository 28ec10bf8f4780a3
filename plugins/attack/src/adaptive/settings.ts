import {usageError} from '@abd/core'
import {parseSettings, resolveOptions} from '@abd/core/train'
import type {AdaptiveName} from './options.ts'
import {adaptiveNames, adaptiveOptions} from './options.ts'

/**
 * Settings of the adaptive attack (`scar-lite.pull=3`) by their own names, checked by its schema, and all others. Throws
 * E_SETTING for one of an attack that is not asked for, and E_OPTIONS.
 */
export function adaptiveSettings(
  settings: readonly string[],
  adaptive: AdaptiveName | undefined,
): {readonly own: Readonly<Record<string, unknown>>; readonly others: readonly string[]} {
  const ownerOf = (text: string) => adaptiveNames.find((name) => text.startsWith(`${name}.`))
  const stranger = settings.find((text) => ![undefined, adaptive].includes(ownerOf(text)))
  if (stranger !== undefined)
    throw usageError({
      code: 'E_SETTING',
      message: `--set ${stranger} is for ${ownerOf(stranger)}, which is not asked for.`,
      hints: [`Add --adaptive ${ownerOf(stranger)}.`],
    })
  const own = parseSettings(
    settings.filter((text) => ownerOf(text)).map((text) => text.slice(text.indexOf('.') + 1)),
  )
  if (adaptive !== undefined) resolveOptions(adaptiveOptions[adaptive], own, adaptive)
  return {own, others: settings.filter((text) => !ownerOf(text))}
}
