import {existsSync} from 'node:fs'
import {within} from './sweep-folder.ts'
import type {Sweep} from './sweep-folder.ts'

/** Looks once a second whether somebody cancelled the sweep. */
export function watchCancel({folder}: Sweep): Disposable & {readonly signal: AbortSignal} {
  const controller = new AbortController()
  const timer = setInterval(() => {
    if (existsSync(within(folder).cancelled)) controller.abort(new Error('The sweep was cancelled.'))
  }, 1000)
  return {signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer)}
}
