import type {OutputName} from '../outputs.ts'

/** What the gate says to the runner: @actions/core, or a test. */
export interface Runner {
  info(line: string): void
  warning(message: string, properties?: {title?: string; file?: string}): void
  error(message: string, properties?: {title?: string; file?: string}): void
  setOutput(name: OutputName, value: string | number): void
  setSecret(secret: string): void
}
