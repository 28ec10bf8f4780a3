import {z} from 'zod'

const seconds = {s: 1, m: 60, h: 3600, d: 86_400} as const
const megabytes = {MB: 1, GB: 1024, TB: 1024 ** 2} as const

/** `90s`, `30m`, `2h`, `1d`, as seconds. */
export const Duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]$/, 'write a time as in 90s, 30m, 2h or 1d')
  .transform((text) =>
    Math.max(1, Math.round(Number(text.slice(0, -1)) * seconds[text.at(-1) as keyof typeof seconds])),
  )

/** `500MB`, `4GB`, as megabytes of 1024 kilobytes, which are Slurm's. */
export const Memory = z
  .string()
  .regex(/^\d+(\.\d+)?[MGT]B$/, 'write an amount of memory as in 500MB or 4GB')
  .transform((text) =>
    Math.ceil(Number(text.slice(0, -2)) * megabytes[text.slice(-2) as keyof typeof megabytes]),
  )
