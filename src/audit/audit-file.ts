import {architectureHints} from './architecture-hints.ts'
import {beyondControls, byStrength} from './by-strength.ts'
import type {Context} from '../context.ts'
import type {Normalisation} from '../data/images.ts'
import {takeImages} from '../data/take-images.ts'
import {AbdError, environmentError} from '../errors.ts'
import {readModelFile} from '../modelfile/read-model-file.ts'
import {createModel} from '../nn/create-model.ts'
import type {Model, Network} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import type {Calibration} from './calibration.ts'
import {referenceFor} from './calibration.ts'
import {checkedCard} from './card.ts'
import {withCleanBounds} from './clean-bounds.ts'
import type {Card} from './card.ts'
import {findDegenerate} from './degenerate.ts'
import type {Evidence} from './detector.ts'
import {demonstrate} from './demonstrate.ts'
import {emptyReport} from './empty-report.ts'
import {gatherEvidence} from './gather-evidence.ts'
import {groundsOf} from './grounds-of.ts'
import {judge} from './judge.ts'
import type {Judgement} from './judge.ts'
import {loadNetwork} from './load-network.ts'
import {limitsOf} from './limits.ts'
import {checkTarget} from './parse-options.ts'
import {measurePace} from './measure-pace.ts'
import {signalWeights, withDetectors} from './plan.ts'
import {planWithin} from './plan-within.ts'
import type {Plan} from './plan.ts'
import type {Policy} from './policy.ts'
import {preprocessingCandidates} from './preprocessing.ts'
import type {Preprocessing} from './preprocessing.ts'
import type {Demonstration, Report} from './report-schema.ts'
import {recordEvidence} from './record-evidence.ts'
import {runDetectors} from './run-detectors.ts'
import {scoreOf} from './score.ts'
import type {Suspect} from './measure-suspects.ts'
import {SUSPECT_IMAGES} from './measure-suspects.ts'
import {transferTest} from './transfer-test.ts'
import {vanillaStudents} from './vanilla-students.ts'
import {worse} from './worse.ts'
import {captureInference} from '../train/capture-inference.ts'
import {evaluate} from '../train/evaluate.ts'

/** What the user asked for: nothing downstream reads flags or the environment. */
export interface AuditOptions {
  readonly plan: Plan
  /** Seconds: in place of the plan's profile the largest that will be done in time, once the network is known. */
  readonly budget?: number
  readonly policy: Policy
  readonly policySource: string
  readonly seed: number
  /** One of several files: what the user got wrong about it becomes a report too, lest the others' verdicts be lost. */
  readonly amongOthers?: boolean
  /** The flags that were given, under their names: kept with the plan, so that the report can be made again. */
  readonly asked: Readonly<Record<string, unknown>>
  readonly architecture?: string
  readonly key?: string
  readonly input?: readonly [number, number, number]
  readonly classes?: number
  readonly normalisation?: Normalisation
  readonly images?: string
  readonly data?: string
  /** Triggers the user fears, with their targets. */
  readonly triggers: readonly ((shape: {
    height: number
    width: number
    channels: number
  }) => Promise<Suspect> | Suspect)[]
}

export interface AuditDeps {
  readonly context: Context
  readonly registry: Registry
  readonly calibration: Calibration
  /** Where the file was parsed elsewhere; default: readModelFile. */
  readonly read?: typeof readModelFile
  /** The time of day and a clock in seconds, passed in. */
  readonly now: () => Date
  readonly clock: () => number
}

/**
 * Audits one model file: scan, load, signals, transfer test, verdict. A file that cannot be audited gives a report with
 * the verdict `error`; only a wrong option (exit code 2) throws, and an interruption.
 */
export async function auditFile(path: string, options: AuditOptions, deps: AuditDeps): Promise<Report> {
  const started = deps.clock()
  const draft = emptyReport(path, options, deps)
  // What had been learnt of the model before it failed belongs into its report: which file it was, for one.
  let known = draft
  const learn = (report: Report) => (known = report)
  const finish = (report: Report): Report => ({...report, seconds: deps.clock() - started})
  try {
    return finish(await audit(path, draft, options, {...deps, learn}))
  } catch (error) {
    const usage = error instanceof AbdError && error.exit === 2 && !options.amongOthers
    if (!(error instanceof AbdError) || usage || deps.context.signal.aborted) throw error
    return finish({
      ...known,
      verdict: 'error',
      reasons: [error.message],
      advice: [...error.hints],
      limits: ['Nothing was audited: an error is not a pass.'],
    })
  }
}

interface Work extends AuditDeps {
  /** Takes what is known of the model so far. */
  readonly learn: (report: Report) => Report
}

async function audit(path: string, draft: Report, options: AuditOptions, deps: Work): Promise<Report> {
  const {context} = deps
  const {policy} = options
  const file = await (deps.read ?? readModelFile)(path, {
    ...(options.key === undefined ? {} : {key: options.key}),
    signal: context.signal,
  })
  const known = deps.learn({
    ...draft,
    model: {...draft.model, sha256: file.sha256, bytes: file.bytes, format: file.format},
    scan: [...file.scan],
  })
  // What could run code when someone else loads it is blocked without a look at what it computes.
  if (file.scan.some(({severity}) => policy.scan.block.includes(severity))) {
    const judgement = judge(
      {
        scan: known.scan,
        demonstrations: [],
        fused: null,
        likeness: 'unlike',
        suspicious: [],
        degenerate: null,
      },
      policy,
    )
    return {
      ...known,
      ...verdictOf(judgement),
      limits: ['The file is dangerous to load, so the network in it was not audited.'],
    }
  }
  const broken = file.nonFinite[0]
  if (broken)
    throw environmentError({
      code: 'E_NOT_FINITE',
      message: `${path}: the weights hold NaN or infinity (${broken.count} in ${broken.tensor}), so the network cannot be audited.`,
      hints: ['Export the model again from a checkpoint before training diverged.'],
    })

  const card = await checkedCard(path, file.sha256)
  const network = await loadNetwork(file, architectureHints(card, options), context)
  try {
    const plan = await planFor(network, options, deps)
    const draft = {...known, plan: {...plan, ...options.asked}}
    return await auditNetwork(network, card, draft, {...options, plan}, deps)
  } finally {
    network[Symbol.dispose]()
  }
}

async function planFor(
  network: Network,
  {plan, budget}: AuditOptions,
  {context, clock}: AuditDeps,
): Promise<Plan> {
  if (budget === undefined) return plan
  const pace = await measurePace(network, {clock, random: context.random.fork('pace')})
  const {classes} = network.architecture
  const chosen = planWithin(budget, {engine: context.engine.name, classes, pace})
  context.progress.note(`In ${budget} s: the profile ${chosen.profile}`)
  return withDetectors(chosen, plan.additional ?? [])
}

async function auditNetwork(
  network: Network,
  card: Card | undefined,
  draft: Report,
  options: AuditOptions,
  {context, registry, calibration, clock, learn}: Work,
): Promise<Report> {
  const {plan, policy} = options
  const {architecture} = network
  const [height, width, channels] = architecture.input
  const shape = {height, width, channels}
  const given = await Promise.all(options.triggers.map(async (make) => make(shape)))
  for (const one of given) checkTarget(one, architecture.classes)
  const evidence = await gatherEvidence(shape, {
    count: plan.baseImages,
    classes: architecture.classes,
    images: options.images,
    data: options.data,
    registry,
    context,
  })
  if (context.recorder) recordEvidence(context.recorder, evidence, options)
  const candidates = await preprocessingCandidates(network, evidence.base, {
    flags: options.normalisation,
    card,
  })
  const model = modelUnder(network, candidates[0])
  const described = learn({
    ...draft,
    model: {
      ...draft.model,
      architecture: architecture.name,
      classes: architecture.classes,
      ...(card?.labels ? {classNames: card.labels} : {}),
      input: [height, width, channels],
      normalisation: {
        mean: [...candidates[0].mean],
        std: [...candidates[0].std],
        source: candidates[0].source,
      },
      parameters: [...architecture.parameters.values()].reduce(
        (sum, {shape: s}) => sum + s.reduce((a, b) => a * b, 1),
        0,
      ),
    },
  })
  const suspects = suspectsOf(evidence, given)
  const degenerate = await findDegenerate(model, evidence.base)
  if (degenerate?.error)
    throw environmentError({
      code: 'E_DEGENERATE',
      message: degenerate.reason,
      hints: [
        'Check --mean and --std.',
        'Else export the model again: so do weights that overflow, and a BatchNorm with a variance below 0.',
      ],
    })

  if (evidence.data) described.model.accuracy = (await evaluate(model, evidence.data)).accuracy

  const reference = referenceFor(
    calibration,
    {architecture, sha256: described.model.sha256!},
    plan.detectors.map(({name}) => ({
      name,
      version: registry.create('detector', name, {}, context).version,
      weight: signalWeights(plan)[name] ?? 0,
    })),
  )
  using students = plan.transfer
    ? vanillaStudents(model, {plan: plan.transfer, registry, context})
    : undefined
  const withStudents = students ? {...evidence, students: async (n: number) => students.take(n)} : evidence
  using inspected = captureInference(model, context)
  const signals = await runDetectors(inspected, withStudents, {
    detectors: plan.detectors,
    registry,
    context,
    reference,
    policy,
  })
  const demonstrations: Demonstration[] = [...signals.demonstrations]
  const illustrations = [...signals.illustrations]

  let transfer: Report['transfer'] = []
  const signalled = clock()
  if (plan.transfer && students) {
    const tested = await transferTest(inspected, {
      plan: plan.transfer,
      suspects,
      evidence,
      students,
      registry,
      context,
    })
    transfer = tested.transfer
    demonstrations.push(...tested.demonstrations)
    illustrations.push(...tested.illustrations)
  }
  const transferSeconds = clock() - signalled
  if (given.length > 0) demonstrations.push(...(await demonstrate(inspected, given, evidence, context)))
  const task = evidence.images ?? evidence.data?.images
  if (task) {
    // A folder comes class by class: which images are measured on is drawn.
    const drawn = context.random.fork('task').permutation(task.count).subarray(0, SUSPECT_IMAGES)
    const heldOut = takeImages(task, drawn)
    const measured = await demonstrate(inspected, suspects, {...evidence, heldOut}, context)
    demonstrations.push(...measured.map((one) => ({...one, evidence: 'task' as const})))
  }

  const bounded = (one: Demonstration) => withCleanBounds(one, {reference, triggers: evidence.triggers})
  const {grounds, fused} = groundsOf(reference, {
    scan: draft.scan,
    demonstrations: demonstrations.map(bounded),
    findings: signals.findings,
    degenerate: degenerate?.reason ?? null,
  })
  let judgement = judge(grounds, policy)
  const second = candidates[1]
  if (second && judgement.verdict !== 'block') {
    using other = captureInference(modelUnder(network, second), context)
    const under = await runDetectors(other, evidence, {
      detectors: plan.recheck,
      registry,
      context,
      reference,
      policy,
    })
    const rejudged = judge(
      {
        ...grounds,
        demonstrations: under.demonstrations.map(bounded),
        fused: null,
        suspicious: [],
        degenerate: null,
      },
      policy,
    )
    const own = judgement
    judgement = worse(own, rejudged, candidates[0], second)
    // What a verdict rests on is in the report, though it was seen under the other normalisation.
    if (judgement !== own)
      demonstrations.push(
        ...under.demonstrations.filter((one) => beyondControls(one) >= policy.demonstration.margin),
      )
  }

  const shown = byStrength(demonstrations).slice(0, 12).map(bounded)
  return {
    ...described,
    ...verdictOf(judgement),
    score: scoreOf(fused?.smoothed ?? null, judgement.verdict),
    demonstrations: shown,
    findings: signals.findings,
    transfer,
    transferTested: plan.transfer !== null,
    ...(plan.transfer ? {transferSeconds} : {}),
    illustrations,
    calibration: {
      id: reference.id,
      models: reference.rankedBy,
      smallestP: reference.smallestP,
      applies: reference.likeness !== 'unlike',
      likeness: reference.likeness,
      ...(fused && reference.likeness !== 'unlike'
        ? {fused: {statistic: fused.statistic, pValue: fused.pValue, detectors: [...reference.fused]}}
        : {}),
      ...(reference.note === undefined ? {} : {note: reference.note}),
    },
    limits: limitsOf({
      transferTested: plan.transfer !== null,
      access: draft.access,
      likeness: reference.likeness,
      guessed: candidates[0].source === 'guessed',
      rankedBy: reference.rankedBy,
    }),
  }
}

const modelUnder = (network: Network, {mean, std}: Preprocessing): Model => createModel(network, {mean, std})

const verdictOf = ({verdict, reasons, advice, suspectedTarget}: Judgement) => ({
  verdict,
  reasons: [...reasons],
  advice: [...advice],
  suspectedTarget,
})

/** The library, and what the user named. */
const suspectsOf = (evidence: Evidence, given: readonly Suspect[]): Suspect[] => [
  ...evidence.triggers
    .filter(({name}) => !given.some(({trigger}) => trigger.name === name))
    .map((trigger) => ({trigger, origin: 'known' as const, target: null})),
  ...given,
]
