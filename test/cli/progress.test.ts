import {PassThrough} from 'node:stream'
import {createProgress, duration} from '../../cli/progress.ts'
import {describe, expect, it} from 'vitest'

function setUp(isTTY: boolean, signal?: AbortSignal) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    rows: 20,
  }) as unknown as NodeJS.WriteStream
  let text = ''
  ;(stream as unknown as PassThrough).on('data', (chunk: Buffer) => (text += chunk.toString()))
  const clock = {now: 0}
  const progress = createProgress({stream, now: () => clock.now, ...(signal ? {signal} : {})})
  return {progress, clock, text: () => text}
}

describe('progress where nobody watches', () => {
  it('says how far a long task is every 30 s, with the time left, and when it ended', () => {
    const {progress, clock, text} = setUp(false)
    const task = progress.start('Distilling', 100)
    clock.now = 31_000
    task.advance(25)
    clock.now = 124_000
    task.advance(75)
    task.end()
    task.end()

    // 25 of 100 in 31 s: 93 s for the other 75.
    expect(text()).toBe(
      'Distilling: 25 % (1 min 33 s left)\nDistilling: 100 % (0 s left)\nDistilling: done in 2 min 04 s\n',
    )
  })

  it('does not call done what ended early', () => {
    const abort = new AbortController()
    const {progress, clock, text} = setUp(false, abort.signal)
    const failed = progress.start('Training', 4)
    const interrupted = progress.start('Distilling', 3)
    clock.now = 5000
    failed.advance()
    interrupted.advance(2)
    failed.end()
    abort.abort()
    interrupted.end()

    expect(text()).toBe('Training: ended after 5 s\nDistilling: stopped at 66 % after 5 s\n')
  })

  it('keeps quiet about short ones', () => {
    const {progress, clock, text} = setUp(false)
    const task = progress.start('Reading', 1)
    clock.now = 1500
    task.advance()
    task.end()

    expect(text()).toBe('')
  })
})

describe('progress on a terminal', () => {
  it('draws a bar with the time left', () => {
    const {progress, clock, text} = setUp(true)
    const task = progress.start('Training', 10)
    clock.now = 4000
    task.advance(2, 'loss 0.5')
    progress.stop()

    expect(text()).toContain('20%')
    expect(text()).toContain('Training')
    expect(text()).toContain('loss 0.5')
    expect(text()).toContain('16 s left')
  })
})

describe('duration', () => {
  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [65_000, '1 min 05 s'],
    [3_720_000, '1 h 02 min'],
  ])('%d ms', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})
