import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'
import type {Registry} from '../registry.ts'
import type {Reference} from './calibration.ts'
import {askDetectors} from './ask-detectors.ts'
import type {Evidence} from './detector.ts'
import type {Plan} from './plan.ts'
import type {Policy} from './policy.ts'
import type {Demonstration, Finding, Illustration} from './report-schema.ts'

export interface Signals {
  readonly findings: Finding[]
  readonly demonstrations: readonly Demonstration[]
  readonly illustrations: readonly Illustration[]
}

/** Runs the detectors of a plan, one after the other, and sets each statistic beside its null. */
export async function runDetectors(
  model: Model,
  evidence: Evidence,
  {
    detectors,
    registry,
    context,
    reference,
    policy,
  }: {
    detectors: Plan['detectors']
    registry: Registry
    context: Context
    reference: Reference
    policy: Policy
  },
): Promise<Signals> {
  const findings: Finding[] = []
  const demonstrations: Demonstration[] = []
  const illustrations: Illustration[] = []
  const ask = askDetectors(model, evidence, {registry, context})
  for (const {name, options} of detectors) {
    context.signal.throwIfAborted()
    const began = performance.now()
    const {summary, paper} = registry.get('detector', name)
    const observation = await ask(name, options)
    const finite = Number.isFinite(observation.statistic)
    const null_ = reference.null(name)
    const pValue = finite && null_ ? null_.pValue(observation.statistic) : null
    findings.push({
      detector: name,
      summary,
      ...(paper === undefined ? {} : {paper}),
      statistic: finite ? observation.statistic : null,
      pValue: reference.likeness === 'unlike' ? null : pValue,
      // A p-value below 1 / (n + 1) cannot occur: with few clean models "beyond all of them" is as far as it goes.
      suspicious: pValue !== null && pValue <= Math.max(policy.review.p, 1 / (null_!.models + 1)),
      // Of a network that nothing moves the first class is no more suspected than the others.
      target: observation.statistic > 0 ? observation.target : null,
      seconds: (performance.now() - began) / 1000,
      ...(observation.perClass
        ? {perClass: observation.perClass.map((value) => (Number.isFinite(value) ? value : 0))}
        : {}),
      ...(null_ ? {band: [...null_.band] as [number, number, number]} : {}),
      details: {...observation.details},
    })
    demonstrations.push(...(observation.demonstrations ?? []))
    illustrations.push(...(observation.illustrations ?? []))
  }
  return {findings, demonstrations, illustrations}
}
