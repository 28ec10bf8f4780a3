import type {Verdict} from '../../audit/report-schema.ts'
import type {Html} from './html.ts'
import {html, trusted} from './html.ts'

// Each verdict has its own outline too, so that it is known without its colour.
const shapes: Readonly<Record<Verdict, string>> = {
  pass: '<circle cx="24" cy="24" r="21"/><path class="ink" d="m14.5 24.8 6.6 6.6 12.6-14"/>',
  review:
    '<path d="M24 4.5 45 42.5H3z" stroke-linejoin="round" stroke-width="3"/><path class="ink" d="M24 18v11.5M24 35.6v.4"/>',
  block:
    '<path d="M15.3 3h17.4L45 15.3v17.4L32.7 45H15.3L3 32.7V15.3z"/><path class="ink" d="m16.5 16.5 15 15m0-15-15 15"/>',
  error:
    '<path d="M11 3h18l10 10v32H11z"/><path class="ink" d="M20 20.2a4.8 4.8 0 1 1 7 4.3c-1.5.8-2 1.7-2 3.3M25 35.6v.4"/>',
  skipped: '<circle cx="24" cy="24" r="21"/><path class="ink" d="M15 24h18"/>',
}

/** Decorative: the verdict's word stands beside it. */
export const icon = (verdict: Verdict, className = 'icon'): Html =>
  html`<svg class="${className}" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
    ${trusted(shapes[verdict])}
  </svg>`

const tints: Readonly<Record<Verdict, string>> = {
  pass: '#1a6b3c',
  review: '#8a5200',
  block: '#b3261e',
  error: '#6b3fa0',
  skipped: '#4b5563',
}

/** The icon of the browser's tab; without one a browser asks the server for it. */
export const tabIcon = (verdict: Verdict): string =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="${tints[verdict]}">` +
      `<style>.ink{fill:none;stroke:#fff;stroke-width:5;stroke-linecap:round}</style>${shapes[verdict]}</svg>`,
  )}`
