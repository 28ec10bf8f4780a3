import type {Engine} from '../engine/engine.ts'
import {insist} from './contract.ts'

/**
 * Throws where `call` leaves tensors behind. It runs once before they are counted, for what is made once and kept,
 * then `times` more.
 */
export async function expectNoLeak(
  engine: Pick<Engine, 'memory'>,
  call: () => unknown,
  times = 3,
): Promise<void> {
  await call()
  const before = engine.memory().tensors
  for (let i = 0; i < times; i++) await call()
  const left = engine.memory().tensors - before
  insist(left === 0, `${left} tensors are left after ${times} calls.`)
}
