import {existsSync} from 'node:fs'
import {readFile, statfs} from 'node:fs/promises'
import {cpus, freemem, totalmem} from 'node:os'
import type {Recorder} from '../recorder.ts'
import {outputOf} from './output-of.ts'

const MEGABYTE = 1e6

/**
 * Samples processor, memory, disk, network and GPU under MLflow's names, every `seconds`, until stopped. The step is the
 * number of the sample.
 */
export function sampleSystem(recorder: Recorder, {seconds}: {readonly seconds: number}): {stop(): void} {
  let step = 0
  let busyBefore = busyTime()
  let isSampling = false
  const began = networkBytes()
  const sample = async () => {
    if (isSampling) return
    isSampling = true
    const busy = busyTime()
    const total = busy.total - busyBefore.total
    const used = totalmem() - freemem()
    const values = {
      ...(total > 0 ? {cpu_utilization_percentage: (100 * (busy.busy - busyBefore.busy)) / total} : {}),
      system_memory_usage_megabytes: used / MEGABYTE,
      system_memory_usage_percentage: (100 * used) / totalmem(),
      process_memory_megabytes: process.memoryUsage.rss() / MEGABYTE,
      ...(await disk()),
      ...(await network(began)),
      ...(await gpus()),
    }
    busyBefore = busy
    recorder.metrics(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`system/${name}`, value])),
      step++,
    )
    isSampling = false
  }
  const timer = setInterval(() => void sample().catch(() => (isSampling = false)), 1000 * seconds)
  timer.unref()
  return {stop: () => clearInterval(timer)}
}

function busyTime(): {busy: number; total: number} {
  let busy = 0
  let total = 0
  for (const {times} of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq
    total += all
    busy += all - times.idle
  }
  return {busy, total}
}

async function disk(): Promise<Record<string, number>> {
  const {blocks, bfree, bavail, bsize} = await statfs('.')
  const used = (blocks - bfree) * bsize
  return {
    disk_usage_percentage: (100 * (blocks - bfree)) / blocks,
    disk_usage_megabytes: used / MEGABYTE,
    disk_available_megabytes: (bavail * bsize) / MEGABYTE,
  }
}

/** Received and sent since boot; on Linux. */
async function networkBytes(): Promise<{received: number; sent: number} | undefined> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  let received = 0
  let sent = 0
  for (const line of text.split('\n').slice(2)) {
    const [name, figures] = line.split(':')
    if (figures === undefined || name!.trim() === 'lo') continue
    const numbers = figures.trim().split(/\s+/).map(Number)
    received += numbers[0] ?? 0
    sent += numbers[8] ?? 0
  }
  return {received, sent}
}

async function network(began: ReturnType<typeof networkBytes>): Promise<Record<string, number>> {
  const [before, now] = await Promise.all([began, networkBytes()])
  if (!before || !now) return {}
  return {
    network_receive_megabytes: (now.received - before.received) / MEGABYTE,
    network_transmit_megabytes: (now.sent - before.sent) / MEGABYTE,
  }
}

async function gpus(): Promise<Record<string, number>> {
  if (!existsSync('/proc/driver/nvidia/version')) return {}
  const stdout = await outputOf('nvidia-smi', [
    '--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw',
    '--format=csv,noheader,nounits',
  ])
  if (stdout === undefined) return {}
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [index, busy, used, total, watts] = line.split(',').map(Number)
      const values: [string, number | undefined][] = [
        [`gpu_${index}_utilization_percentage`, busy],
        [`gpu_${index}_memory_usage_megabytes`, used],
        [`gpu_${index}_memory_usage_percentage`, (used! / total!) * 100],
        [`gpu_${index}_power_usage_watts`, watts],
      ]
      return values.filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
    }),
  )
}
