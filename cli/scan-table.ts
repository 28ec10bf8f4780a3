import type {ScanFinding} from '@abd/core/modelfile'
import {table} from './table.ts'

const severityStyles = {
  critical: ['bold', 'red'],
  high: ['red'],
  medium: ['yellow'],
  low: ['cyan'],
  info: ['dim'],
} as const

/** What a scan found, for the terminal: rule, severity, message (cut after `longest` characters) and position in bytes. */
export const scanTable = (findings: readonly ScanFinding[], longest: number): string =>
  table(
    ['RULE', 'SEVERITY', 'FINDING', 'BYTE'],
    findings.map(({rule, severity, message, offset}) => [
      rule,
      {style: [...severityStyles[severity]], text: severity},
      message.length > longest ? `${message.slice(0, longest - 1)}…` : message,
      offset === null ? '' : String(offset),
    ]),
    [3],
  )
