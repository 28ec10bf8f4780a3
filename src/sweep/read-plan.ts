import {basename} from 'node:path'
import type {z} from 'zod'
import {usageError} from '../errors.ts'
import {parseLocated, YamlError} from '../located-yaml.ts'
import type {LocatedYaml, Place} from '../located-yaml.ts'
import {nearest} from '../nearest.ts'
import {readTextFile, reasonOf} from '../read-text-file.ts'
import {checkPlan} from './check-plan.ts'
import type {Issue} from './check-plan.ts'
import {expand} from './expand.ts'
import type {Job} from './job.ts'
import {Plan} from './plan-schema.ts'

/** Lists of points may be long. */
const MAX_BYTES = 2_000_000
const FEW = 8

/** What is wrong with a job's command: undefined where nothing is. */
export type CheckCommand = (words: readonly string[]) => Promise<string | undefined>

/** A plan that can be run. */
export interface PlanFile {
  readonly path: string
  readonly text: string
  readonly plan: Plan & {readonly name: string}
  /** Each after those that it needs. */
  readonly jobs: readonly Job[]
}

/** Throws E_PLAN, with line and column of what is wrong. */
export async function readPlan(
  path: string,
  {checkCommand}: {readonly checkCommand: CheckCommand},
): Promise<PlanFile> {
  let text: string
  try {
    text = await readTextFile(path, {most: MAX_BYTES})
  } catch (error) {
    throw usageError({
      code: 'E_PLAN',
      message: `The plan ${path} cannot be read: ${reasonOf(error)}.`,
      hints: ['Give the path of a YAML file; docs/guides/sweeps.md has one to begin with.'],
      cause: error,
    })
  }
  const {plan, yaml} = parsePlan(text, path)
  const jobs = expand(plan)
  const issues = await commandIssues(jobs, checkCommand)
  if (issues.length > 0)
    throw planError(
      path,
      issues.map((issue) => located(issue, yaml)),
    )
  return {path, text, plan, jobs}
}

/** Of commands of abd, one for each set of flags. */
async function commandIssues(jobs: readonly Job[], checkCommand: CheckCommand): Promise<readonly Issue[]> {
  const issues = new Map<string, Issue>()
  const seen = new Set<string>()
  for (const {stage, program, words} of jobs) {
    const kind = [stage, ...words.filter((word) => word.startsWith('-'))].join(' ')
    if (program !== null || seen.has(kind)) continue
    seen.add(kind)
    const message = await checkCommand(words)
    if (message !== undefined) issues.set(`${stage} ${message}`, {path: ['jobs', stage, 'abd'], message})
  }
  return [...issues.values()]
}

/** Throws E_PLAN. Its name, where it has none, is the file's. */
export function parsePlan(
  text: string,
  path: string,
): {readonly plan: Plan & {name: string}; readonly yaml: LocatedYaml} {
  let yaml: LocatedYaml
  try {
    yaml = parseLocated(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw planError(path, [`${inShort(error.place)}: not YAML: ${error.message}`])
  }
  const parsed = Plan.safeParse(yaml.value)
  if (!parsed.success)
    throw planError(
      path,
      parsed.error.issues.flatMap((issue) => inWords(issue, yaml)),
    )
  const issues = checkPlan(parsed.data)
  if (issues.length > 0)
    throw planError(
      path,
      issues.map((issue) => located(issue, yaml)),
    )
  const ofFile = basename(path)
    .replace(/\.ya?ml$/, '')
    .replaceAll(/[^\w.-]+/g, '_')
  return {plan: {...parsed.data, name: parsed.data.name ?? (ofFile || 'sweep')}, yaml}
}

const inShort = ({line, column}: Place): string => `${line}:${column}`

const located = ({path, message, key = false}: Issue, yaml: LocatedYaml): string =>
  `${inShort(yaml.placeOf(path, {key}))}: ${path.join('.')}: ${message}`

function inWords(issue: z.core.$ZodIssue, yaml: LocatedYaml): readonly string[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const close = nearest(key, knownKeys)
      return located(
        {path: [...path, key], key: true, message: `unknown key${close ? `, did you mean '${close}'?` : ''}`},
        yaml,
      )
    })
  // Of alternatives, what fits best says most: the one whose trouble lies deepest.
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors
      .flat()
      .filter(({path: inner, code}) => inner.length > 0 || code === 'custom' || code === 'invalid_format')
      .sort((a, b) => b.path.length - a.path.length)[0]
    if (deepest) return inWords({...deepest, path: [...issue.path, ...deepest.path]}, yaml)
  }
  // What is wrong with a name stands at the key.
  if (issue.code === 'invalid_key')
    return [located({path, key: true, message: issue.issues[0]?.message ?? issue.message}, yaml)]
  return [located({path, message: path.length === 0 ? `the plan: ${issue.message}` : issue.message}, yaml)]
}

const keysOf = (schema: unknown): readonly string[] => {
  const {shape, element, valueType, unwrap} = schema as {
    shape?: Record<string, unknown>
    element?: unknown
    valueType?: unknown
    unwrap?: () => unknown
  }
  if (shape) return Object.entries(shape).flatMap(([key, inner]) => [key, ...keysOf(inner)])
  if (element) return keysOf(element)
  if (valueType) return keysOf(valueType)
  return unwrap ? keysOf((schema as {unwrap: () => unknown}).unwrap()) : []
}

const knownKeys = [...new Set(keysOf(Plan))]

const planError = (path: string, lines: readonly string[]) => {
  const more = lines.length - FEW
  return usageError({
    code: 'E_PLAN',
    message: [
      lines.length === 1 ? `${path}:${lines[0]}` : `${path} is no plan that could be run:`,
      ...(lines.length === 1 ? [] : lines.slice(0, FEW).map((line) => `${path}:${line}`)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n'),
    hints: ['schemas/sweep.schema.json has every key; docs/guides/sweeps.md tells how they work together.'],
  })
}
