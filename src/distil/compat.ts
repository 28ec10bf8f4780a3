import {isDeepStrictEqual} from 'node:util'
import type {Normalisation} from '../data/images.ts'
import {normalisations} from '../data/normalisations.ts'
import type {Configuration} from './configuration.ts'

/** Whose quirks: those of the reference implementation of ABD (Hong et al., ICML 2023). */
export type Compat = 'abd'

type Options = Readonly<Record<string, unknown>>

/** What the reference does unlike its paper, or ours, and which options do it. See docs/compat.md. */
interface Quirk {
  readonly id: string
  readonly words: string
  readonly method: string
  /** Only beside this defence. */
  readonly defence?: string
  /** Of the method. */
  readonly options?: Options
  /** Of the defence. */
  readonly ofDefence?: Options
  /** Only for teachers with such an input. */
  readonly where?: (input: Pick<Normalisation, 'std'>) => boolean
}

const quirks: readonly Quirk[] = [
  {
    id: 'B04',
    words: 'images of CIFAR-10 are taught with another std than they are tested with',
    method: 'clean_kd',
    options: {std: 'other'},
    where: ({std}) => isDeepStrictEqual(std, [...normalisations.cifar10.std]),
  },
  {
    id: 'B13',
    words: 'a memory bank that is exactly full gives nothing, and the loss is NaN for an epoch',
    method: 'cmi',
    options: {emptyWhenFull: true},
  },
  {
    id: 'B14',
    words: 'a stage after the run begins without its images and features',
    method: 'cmi',
    options: {freshStage: true},
  },
  {
    id: 'B14',
    words: 'a stage after the run begins with a vaccine that is not verified',
    method: 'cmi',
    defence: 'shuffling_vaccine',
    ofDefence: {inStage: 'anew'},
  },
  {
    id: 'B22',
    words: 'Self-Retrospection weighs T² · classes heavier than the loss',
    method: 'ood',
    defence: 'self_retrospection',
    options: {loss: 'mean', retrospection: 'batchmean'},
  },
  {
    id: 'B34',
    words: 'Self-Retrospection is evaluated again for the log, and moves running statistics',
    method: 'zskt',
    defence: 'self_retrospection',
    ofDefence: {logsAfter: true},
  },
  {
    id: 'B45',
    words: 'the last cycle is taken again when a run is taken up again',
    method: 'zskt',
    options: {repeats: true},
  },
  {
    id: 'B45',
    words: 'the vaccine is off in a stage after the run',
    method: 'zskt',
    defence: 'shuffling_vaccine',
    ofDefence: {inStage: 'off'},
  },
]

interface Names {
  readonly method: string
  readonly defences: readonly string[]
}

/** The options that bring the quirks of a method and its defences back, before anything is set by hand. */
export interface QuirkOptions {
  readonly ofMethod: Options
  ofDefence(name: string): Options
}

export function quirkOptions(compat: Compat | undefined, names: Names): QuirkOptions {
  const all = compat ? quirksOf(names) : []
  return {
    ofMethod: merged(all.map(({options}) => options)),
    ofDefence: (name) =>
      merged(all.map(({defence, ofDefence}) => (defence === name ? ofDefence : undefined))),
  }
}

/** Which quirks a run has, in words: those whose options are as they would have them. */
export function describeQuirks(compat: Compat, {method, defences, teacher}: Configuration): string {
  const optionsOf = (name: string | undefined) => defences.find((defence) => defence.name === name)?.options
  const present = quirksOf({method: method.name, defences: defences.map(({name}) => name)})
    .filter(({where}) => where?.(teacher) ?? true)
    .flatMap(({id, words, defence, options = {}, ofDefence = {}}) => {
      const wanted = [...Object.entries(options), ...Object.entries(ofDefence)]
      const held = [...heldOf(method.options, options), ...heldOf(optionsOf(defence) ?? {}, ofDefence)]
      if (held.length === wanted.length) return [`${id} ${words}`]
      return held.length > 0 ? [`of ${id} only ${held.join(', ')}`] : []
    })
  if (present.length === 0)
    return `--compat ${compat} changes nothing here: no quirk of the reference applies.`
  return `As the reference implementation (--compat ${compat}): ${present.join('; ')}.`
}

const quirksOf = ({method, defences}: Names): readonly Quirk[] =>
  quirks.filter(
    (quirk) => quirk.method === method && (quirk.defence === undefined || defences.includes(quirk.defence)),
  )

const merged = (all: readonly (Options | undefined)[]): Options => Object.assign({}, ...all) as Options

/** Which of the wanted options are as wanted: `loss=mean`. */
const heldOf = (options: Options, wanted: Options): string[] =>
  Object.entries(wanted).flatMap(([name, value]) =>
    options[name] === value ? [`${name}=${String(value)}`] : [],
  )
