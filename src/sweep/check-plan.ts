import {nearest} from '../nearest.ts'
import {inOrder} from './expand.ts'
import {placeholdersIn} from './placeholders.ts'
import type {Condition, Plan, Stage} from './plan-schema.ts'
import {countPoints, isMet, labelOf, pointsOf} from './points.ts'
import type {Point} from './points.ts'

/** What is wrong with a plan, and where. */
export interface Issue {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** The key is meant, not its value. */
  readonly key?: boolean
}

/** What a schema cannot see: names that mean nothing, needs that go round in circles, points that miss something. */
export function checkPlan(plan: Plan): readonly Issue[] {
  const parameters = parametersOf(plan)
  const issues = [
    ...nameIssues(plan, parameters),
    ...labelIssues(plan),
    ...Object.entries(plan.jobs).flatMap(([name, stage]) => stageIssues(name, stage, {plan, parameters})),
    ...plan.exclude.flatMap((condition, i) => conditionIssues(condition, ['exclude', i], parameters)),
    ...tableIssues(plan, parameters),
  ]
  return issues.length > 0 ? issues : pointIssues(plan)
}

/** Labels of each parameter. */
type Parameters = ReadonlyMap<string, readonly string[]>

function parametersOf({grid, list, seeds}: Plan): Parameters {
  const found = new Map<string, Set<string>>()
  const add = (name: string, label: string) =>
    found.set(name, (found.get(name) ?? new Set<string>()).add(label))
  for (const [name, values] of Object.entries(grid)) for (const value of values) add(name, labelOf(value))
  for (const point of list) for (const [name, value] of Object.entries(point)) add(name, labelOf(value))
  for (const seed of seeds ?? []) add('seed', `${seed}`)
  return new Map([...found].map(([name, labels]) => [name, [...labels]]))
}

function nameIssues({grid, list, jobs}: Plan, parameters: Parameters): Issue[] {
  const reserved = (name: string, path: Issue['path']): Issue[] =>
    name === 'out' || name === 'seed'
      ? [{path, key: true, message: `'${name}' is taken${name === 'seed' ? ': give seeds instead' : ''}`}]
      : []
  return [
    ...(Object.keys(jobs).length === 0 ? [{path: ['jobs'], message: 'there is no job'}] : []),
    ...Object.keys(grid).flatMap((name) => reserved(name, ['grid', name])),
    ...list.flatMap((point, i) => Object.keys(point).flatMap((name) => reserved(name, ['list', i, name]))),
    ...Object.keys(jobs).flatMap((name) => [
      ...reserved(name, ['jobs', name]),
      ...(name !== 'seed' && parameters.has(name)
        ? [{path: ['jobs', name], key: true, message: `'${name}' is a parameter already`}]
        : []),
    ]),
  ]
}

/** Jobs whose values have one label are counted as one in tables. */
const labelIssues = ({grid}: Plan): Issue[] =>
  Object.entries(grid).flatMap(([name, values]) =>
    values.flatMap((value, i): Issue[] => {
      const first = values.find((one) => labelOf(one) === labelOf(value))
      return JSON.stringify(first) === JSON.stringify(value)
        ? []
        : [{path: ['grid', name, i], message: `'${labelOf(value)}' is the label of another value already`}]
    }),
  )

function stageIssues(
  name: string,
  stage: Stage,
  {plan, parameters}: {readonly plan: Plan; readonly parameters: Parameters},
): Issue[] {
  const path = ['jobs', name]
  if ((stage.abd === undefined) === (stage.exec === undefined))
    return [{path, key: true, message: 'give one command, either abd or exec'}]
  const field = stage.abd ? 'abd' : 'exec'
  const template = stage.abd ?? stage.exec!
  const known = ['out', ...parameters.keys(), ...stage.needs]
  const several = ofWords(plan)
  return [
    ...placeholdersIn(template)
      .filter((one) => !known.includes(one))
      .map((one) => ({path: [...path, field], message: unknownPlaceholder(one, {plan, known})})),
    ...template.flatMap((word) =>
      placeholdersIn([word])
        .filter((one) => several.has(one) && word !== `{${one}}`)
        .map((one) => ({
          path: [...path, field],
          message: `'${word}': {${one}} can be several words, so it stands alone`,
        })),
    ),
    ...stage.needs.flatMap((need, i) =>
      Object.hasOwn(plan.jobs, need)
        ? isCircular(need, name, plan)
          ? [{path: [...path, 'needs', i], message: `${need} needs ${name} itself`}]
          : []
        : [{path: [...path, 'needs', i], message: unknown('job', need, Object.keys(plan.jobs))}],
    ),
    ...conditionIssues(stage.only ?? {}, [...path, 'only'], parameters),
    ...[...stage.outputs, ...(stage.resume ? [stage.resume.when] : [])]
      .filter((file) => /^\/|(^|\/)\.\.(\/|$)/.test(file))
      .map((file) => ({path, message: `'${file}' is outside the job's own folder`})),
  ]
}

/** Parameters with a value that is several words. */
const ofWords = ({grid, list}: Plan): ReadonlySet<string> =>
  new Set(
    [...Object.entries(grid), ...list.flatMap((point) => Object.entries(point))].flatMap(([name, values]) =>
      [values].flat().some((value) => typeof value === 'object') ? [name] : [],
    ),
  )

function unknownPlaceholder(
  name: string,
  {plan, known}: {readonly plan: Plan; readonly known: readonly string[]},
): string {
  if (Object.hasOwn(plan.jobs, name)) return `{${name}} is a job: add it to needs`
  if (name === 'seed') return '{seed} has no values: give seeds'
  const close = nearest(name, known)
  return `{${name}} is no parameter and no job that is needed${close ? `, did you mean {${close}}?` : `; known: ${known.map((one) => `{${one}}`).join(', ')}`}`
}

const unknown = (what: string, name: string, known: readonly string[]): string => {
  const close = nearest(name, known)
  return `there is no ${what} '${name}'${close ? `, did you mean '${close}'?` : `; known: ${known.join(', ') || 'none'}`}`
}

function isCircular(from: string, to: string, {jobs}: Plan, seen = new Set<string>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return (
    (Object.hasOwn(jobs, from) ? jobs[from] : undefined)?.needs.some((need) =>
      isCircular(need, to, {jobs} as Plan, seen),
    ) ?? false
  )
}

const conditionIssues = (condition: Condition, path: Issue['path'], parameters: Parameters): Issue[] =>
  Object.entries(condition).flatMap(([name, wanted]): Issue[] => {
    const labels = parameters.get(name)
    if (!labels)
      return [{path: [...path, name], key: true, message: unknown('parameter', name, [...parameters.keys()])}]
    return [wanted]
      .flat()
      .filter((one) => !labels.includes(String(one)))
      .map((one) => ({path: [...path, name], message: unknown(`value of ${name}`, String(one), labels)}))
  })

const tableIssues = ({tables = [], jobs}: Plan, parameters: Parameters): Issue[] =>
  tables.flatMap((table, i): Issue[] => [
    ...(table.job !== undefined && !Object.hasOwn(jobs, table.job)
      ? [{path: ['tables', i, 'job'], message: unknown('job', table.job, Object.keys(jobs))}]
      : []),
    ...(['rows', 'columns'] as const).flatMap((side) =>
      (table[side] ?? []).flatMap((name, j) =>
        parameters.has(name)
          ? []
          : [
              {
                path: ['tables', i, side, j],
                message: unknown('parameter', name, [...parameters.keys()]),
              },
            ],
      ),
    ),
  ])

/** Slurm's largest arrays are a tenth of it, and a table of more is none. */
const MOST_POINTS = 100_000

function pointIssues(plan: Plan): Issue[] {
  const many = countPoints(plan)
  if (many > MOST_POINTS)
    return [
      {path: ['grid'], key: true, message: `it has ${many} points; at most ${MOST_POINTS} make a sweep`},
    ]
  const points = pointsOf(plan)
  if (points.length === 0) return [{path: ['exclude'], key: true, message: 'no point is left'}]
  const stages = inOrder(plan.jobs)
  for (const point of points) {
    const here = new Set<string>()
    for (const [name, stage] of stages) {
      if (stage.only && !isMet(stage.only, point)) continue
      const missing = placeholdersIn(stage.abd ?? stage.exec!).find(
        (one) => one !== 'out' && !stage.needs.includes(one) && point[one] === undefined,
      )
      if (missing !== undefined)
        return [
          {
            path: placeOfPoint(point, plan),
            message: `${inWords(point)} has no ${missing}, which ${name} uses`,
          },
        ]
      const need = stage.needs.find((one) => !here.has(one))
      if (need !== undefined)
        return [
          {
            path: ['jobs', name, 'needs'],
            message: `at ${inWords(point)} there is no ${need}, which ${name} needs: see its 'only'`,
          },
        ]
      here.add(name)
    }
  }
  return []
}

const inWords = (point: Point): string =>
  `the point ${
    Object.entries(point)
      .map(([name, value]) => `${name}=${labelOf(value)}`)
      .join(' ') || 'without parameters'
  }`

const placeOfPoint = (point: Point, {list}: Plan): Issue['path'] => {
  const index = list.findIndex((one) => Object.entries(one).every(([name, value]) => point[name] === value))
  return index >= 0 && Object.keys(list[index]!).length > 0 ? ['list', index] : ['grid']
}
