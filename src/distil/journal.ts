import {z} from 'zod'
import type {Distiller} from '../method.ts'

/** JSON knows no NaN and no infinity: these stand in it as words. */
const NonFinite = z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)
const Value = z.union([z.number(), NonFinite])
const Losses = z.record(z.string(), Value)
const Share = Value.nullable()

const Journal = z.object({
  done: z.int().min(0),
  /** Of the step after those. */
  parts: z.int().min(0),
  losses: Losses,
  events: z.array(z.object({step: z.int().min(0), event: z.string()})),
  curve: z.array(z.object({step: z.int().min(1), losses: Losses, accuracyPercent: Share, asrPercent: Share})),
})

/** Of a run on its way: how many steps are taken, and how many parts of the next one, and what is to be told of it in the end. */
export type Journal = z.infer<typeof Journal>

export const newJournal = (): Journal => ({done: 0, parts: 0, losses: {}, events: [], curve: []})

/** Is the last whole step taken again, by a distiller that does so? None that came before `first` is. */
export const repeatsLast = ({repeats = false}: Distiller, {done, parts}: Journal, first = 0): boolean =>
  repeats && parts === 0 && done > first

/** As it was before the last step: what was said before that stays said. */
export const beforeLast = (journal: Journal): Journal => ({
  ...journal,
  done: journal.done - 1,
  curve: journal.curve.filter(({step}) => step < journal.done),
})

/** As JSON in bytes, every number as it is. */
export const encodeJournal = (journal: Journal): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(
    JSON.stringify(journal, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  )

/** Of what `encodeJournal` gave. Throws ZodError for bytes that are none, SyntaxError for those that are no JSON. */
export const decodeJournal = (bytes: Uint8Array): Journal =>
  Journal.parse(JSON.parse(new TextDecoder().decode(bytes)))
