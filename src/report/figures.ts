/** Fractions become percent for people: 0.967 → `96.7 %`; never rounded to 0 or 100 unless they are. */
export function percent(fraction: number): string {
  const value = fraction * 100
  if (value === 0 || value === 100) return `${value} %`
  if (value < 0.1) return '< 0.1 %'
  if (value > 99.9) return '> 99.9 %'
  return `${value.toFixed(1)} %`
}

/** Two significant digits, never rounded to 1 unless it is: 0.0198 → `0.020`. */
export const pValue = (p: number): string =>
  p === 0 || p === 1 ? String(p) : p > 0.99 ? '> 0.99' : p.toPrecision(2)

const threeDigits = new Intl.NumberFormat('en-GB', {maximumSignificantDigits: 3})

/** Three significant digits; powers of ten where those would hide in zeros. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e6) return value.toLocaleString('en-GB')
  return size < 1e-4 || size >= 1e6 ? value.toExponential(1) : threeDigits.format(value)
}

/** < 0.1 s, 0.4 s, 41 s, 2 min 05 s, 1 h 02 min. */
export function duration(seconds: number): string {
  if (seconds < 0.05) return seconds === 0 ? '0 s' : '< 0.1 s'
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const compact = new Intl.NumberFormat('en-GB', {notation: 'compact', maximumSignificantDigits: 3})

/** 175 421 → `175K`. */
export const count = (value: number): string => compact.format(value)

/** Powers of 1000: 712 345 → `712 kB`. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  const unit = bytes < 1e6 ? 'kB' : bytes < 1e9 ? 'MB' : 'GB'
  return `${threeDigits.format(bytes / {kB: 1e3, MB: 1e6, GB: 1e9}[unit])} ${unit}`
}

/** 2026-11-23T18:40:02Z → `2026-11-23 18:40 UTC`. */
export const moment = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** `1 model`, `2 models`. */
export const plural = (howMany: number, noun: string): string =>
  `${howMany} ${noun}${howMany === 1 ? '' : 's'}`
