import {spawn} from 'node:child_process'

/** What stops the set-up: a message, and what to do about it. */
export class SetupError extends Error {
  /** @param {string} message @param {string[]} hints @param {number} [exitCode] */
  constructor(message, hints, exitCode = 4) {
    super(message)
    this.hints = hints
    this.exitCode = exitCode
  }
}

const running = new Set()
let interrupted = 0

/**
 * Runs a program and waits for it. It leads its own process group, so that an interrupt reaches it and whatever it
 * started exactly once, and nothing survives.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean}} [options] quiet: keep the output for the caller instead of showing it
 * @returns {Promise<{code: number, stdout: string, output: string}>} output: the end of both streams, for error messages
 */
export function run(command, args, {env = process.env, cwd, quiet = false} = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      cwd,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      detached: process.platform !== 'win32',
    })
    running.add(child)
    let stdout = ''
    let output = ''
    const collect = (chunk) => (output = (output + chunk).slice(-100_000))
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.setEncoding('utf8').on('data', collect)
    child.once('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.once('close', (code, signal) => {
      running.delete(child)
      if (interrupted)
        reject(new SetupError('Interrupted.', ['Run it again: it goes on where it stopped.'], 130))
      else resolve({code: signal ? 1 : (code ?? 1), stdout, output})
    })
  })
}

/** Hands Ctrl-C and its kin to the running programs; a second one, or ten seconds without an end, kills them. */
export function forwardSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      const now = Date.now()
      // The terminal and npm both pass one Ctrl-C on: within half a second it is the same one.
      if (now - interrupted < 500) return
      const again = interrupted > 0
      interrupted = now
      kill(again ? 'SIGKILL' : signal)
      setTimeout(() => kill('SIGKILL'), 10_000).unref()
    })
}

/** @param {NodeJS.Signals} signal */
function kill(signal) {
  for (const child of running)
    try {
      if (process.platform === 'win32') child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
}
