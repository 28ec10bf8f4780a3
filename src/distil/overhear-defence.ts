import type {Defence} from '../method.ts'

/** A defence as it is, and whether a distiller ever asked it anything. */
export interface Overheard {
  readonly name: string
  readonly defence: Defence
  /** Has any of its seams been called? */
  isAsked(): boolean
}

/** The same defence, whose calls are noted: one that a distiller never asks leaves the student as no defence does. */
export function overhearDefence(name: string, defence: Defence): Overheard {
  const {synthesisLoss, suspects, retrospect} = defence
  let isAsked = false
  const noting =
    <A extends unknown[], R>(seam: (...given: A) => R) =>
    (...given: A): R => {
      isAsked = true
      return seam.apply(defence, given)
    }
  return {
    name,
    defence: {
      ...defence,
      ...(synthesisLoss && {synthesisLoss: noting(synthesisLoss)}),
      ...(suspects && {suspects: noting(suspects)}),
      ...(retrospect && {retrospect: noting(retrospect)}),
    },
    isAsked: () => isAsked,
  }
}

/**
 * What to say, once its steps are taken, of defences that a distiller never asked. Of a run that was taken up again (`from`
 * above 0) that is known of those alone that every step asks: they look back at the student.
 */
export const unasked = (
  overheard: readonly Overheard[],
  {method, from}: {readonly method: string; readonly from: number},
): readonly string[] =>
  overheard
    .filter(({isAsked, defence}) => !isAsked() && (from === 0 || defence.retrospect))
    .filter(({defence}) => seamsOf(defence).length > 0)
    .map(
      ({name, defence}) =>
        `The defence '${name}' did NOTHING: the method '${method}' never asked it (${seamsOf(defence).join(' or ')}). The student is as undefended by it as without.`,
    )

const seamsOf = (defence: Defence): readonly string[] =>
  (['synthesisLoss', 'suspects', 'retrospect'] as const).filter((seam) => defence[seam])
