import {createHash} from 'node:crypto'
import {checkpointPath} from '../checkpoint-path.ts'
import type {Job, JobBudget} from './job.ts'
import {fillIn, placeholdersIn} from './placeholders.ts'
import type {Budget, Plan, Stage} from './plan-schema.ts'
import type {Point} from './points.ts'
import {isMet, labelOf, pointsOf} from './points.ts'

/**
 * The jobs of a checked plan, each after those that it needs. A job depends on the parameters in its command and on those
 * of its needs, and is identified by what these make of it: what two points share is one job.
 */
export function expand(plan: Plan): readonly Job[] {
  const stages = inOrder(plan.jobs)
  const jobs = new Map<string, Job>()
  for (const point of pointsOf(plan)) {
    const here = new Map<string, Job>()
    for (const [stage, description] of stages) {
      if (description.only && !isMet(description.only, point)) continue
      const job = resolve(stage, {description, point, plan, here})
      const known = jobs.get(job.id) ?? job
      jobs.set(job.id, known)
      here.set(stage, known)
    }
  }
  return [...jobs.values()]
}

/** Stages, each after those that it needs. */
export function inOrder(stages: Plan['jobs']): readonly (readonly [string, Stage])[] {
  const ordered = new Map<string, Stage>()
  const visit = (name: string) => {
    const stage = stages[name]
    if (!stage || ordered.has(name)) return
    for (const need of stage.needs) visit(need)
    ordered.set(name, stage)
  }
  for (const name of Object.keys(stages)) visit(name)
  return [...ordered]
}

function resolve(
  stage: string,
  {
    description,
    point,
    plan,
    here,
  }: {
    readonly description: Stage
    readonly point: Point
    readonly plan: Plan
    readonly here: ReadonlyMap<string, Job>
  },
): Job {
  const template = description.abd ?? description.exec!
  const filled = fillIn(template, point)
  const [program, words] = description.exec ? [filled[0]!, filled.slice(1)] : [null, filled]
  const needed = description.needs.map((name) => [name, here.get(name)!] as const)
  const used = new Set([
    ...placeholdersIn(template),
    ...needed.flatMap(([, job]) => Object.keys(job.parameters)),
  ])
  const parameters = Object.fromEntries(
    Object.entries(point)
      .filter(([name]) => used.has(name))
      .map(([name, value]) => [name, labelOf(value)]),
  )
  const configuration = {
    program,
    words: [...words],
    needs: Object.fromEntries(needed.map(([name, {id}]) => [name, id])),
    results: description.results ?? null,
    curve: description.curve ?? null,
    outputs: [...new Set([...description.outputs, ...writtenBy(words)])],
    resume: description.resume ?? resumeOf(program, words),
  }
  return {
    id: createHash('sha256').update(JSON.stringify(configuration)).digest('hex').slice(0, 16),
    name: [stage, ...Object.values(parameters)].map(slug).join('-').slice(0, 80),
    stage,
    parameters,
    ...configuration,
    budget: budgetOf(plan.budget, description.budget),
    retries: description.retries,
  }
}

const slug = (text: string): string => text.replaceAll(/[^\w.]+/g, '_').replace(/^\.+/, '_')

const budgetOf = (all: Budget | undefined, own: Budget | undefined): JobBudget => ({
  seconds: own?.time ?? all?.time ?? null,
  cores: own?.cores ?? all?.cores ?? 1,
  megabytes: own?.memory ?? all?.memory ?? 2048,
  gpus: own?.gpus ?? all?.gpus ?? 0,
})

/** `--out {out}/teacher.safetensors` writes `teacher.safetensors`. */
const writtenBy = (words: readonly string[]): readonly string[] =>
  words.flatMap((word, i) => {
    const [, path] = /^(?:--out=)?\{out\}\/(.+)$/.exec(word) ?? []
    return path !== undefined && (word.startsWith('--out=') || words[i - 1] === '--out') ? [path] : []
  })

/** Trainings and distillations of abd leave a checkpoint beside what they are to write. */
function resumeOf(program: string | null, words: readonly string[]): Job['resume'] {
  const isKept =
    program === null && ['attack train', 'distill run', 'defend run'].includes(words.slice(0, 2).join(' '))
  const [weights] = isKept ? writtenBy(words) : []
  return weights?.endsWith('.safetensors') ? {when: checkpointPath(weights), words: ['--resume']} : null
}
