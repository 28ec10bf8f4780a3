import type {Report} from '../audit/report-schema.ts'
import {shellWord} from '../shell-word.ts'

/** Flags that change what an audit computes; the plan keeps their values under the same names. */
const flags = [
  'arch',
  'mean',
  'std',
  'input',
  'classes',
  'key',
  'images',
  'data',
  'trigger',
  'set',
  'profile',
  'budget',
  'detectors',
  'calibration',
  'strict',
  'eager',
] as const

/**
 * The command that makes this report again, for a POSIX shell. Flags come from `plan` by name (`profile: standard`,
 * `trigger: [badnet_grid:0]`, `strict: true`), the policy, engine and seed from their own fields; a mean and std given
 * as flags also from `model.normalisation`.
 */
export const commandLine = (report: Report): string => commandWords(report).join(' ')

/** The same in pieces that belong on one line each: the command with its file, every flag with its value. */
export function commandWords({model, plan, access, policy, engine, seed}: Report): readonly string[] {
  // Of the plan's detectors those that the profile does not have.
  const given: Record<string, unknown> = {...plan, detectors: plan['additional']}
  // The profile is what the budget chose, and the two exclude each other.
  if (given['profile'] !== undefined) delete given['budget']
  if (model.normalisation?.source === 'flags') {
    given['mean'] ??= model.normalisation.mean.join(',')
    given['std'] ??= model.normalisation.std.join(',')
  }
  // What the user gave beside the file, where the plan does not say which.
  for (const level of access)
    if (level !== 'none') given[level] ??= level === 'trigger' ? ['NAME:TARGET'] : 'PATH'
  const words = flags.flatMap((flag) => wordsOf(flag, given[flag]))
  if (policy.source !== 'defaults') words.push(`--policy ${shellWord(policy.source)}`)
  if (engine) words.push(`--engine ${shellWord(engine.name)}`)
  words.push(`--seed ${seed}`)
  // A path that begins with a dash would read as a flag.
  const path = model.path.startsWith('-') ? `./${model.path}` : model.path
  return [`abd audit ${shellWord(path)}`, ...words]
}

function wordsOf(flag: (typeof flags)[number], value: unknown): string[] {
  const name = `--${flag}`
  if (value === true) return [name]
  if (typeof value === 'string' || typeof value === 'number') return [`${name} ${shellWord(String(value))}`]
  if (!Array.isArray(value)) return []
  const scalars = value.filter((item) => typeof item === 'string' || typeof item === 'number').map(String)
  if (scalars.length === 0) return []
  if (flag === 'trigger' || flag === 'set') return scalars.map((item) => `${name} ${shellWord(item)}`)
  return [`${name} ${shellWord(scalars.join(flag === 'input' ? 'x' : ','))}`]
}
